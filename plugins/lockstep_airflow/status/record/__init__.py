"""One record: the pair, what both sides hold, and every change to every field: why is this value here?"""
