"""Sync Status: the pages that data-ops people keep open, and the JSON and CSV under the same prefix.

batches/  errors/  unsynced/  record/        one package per view: query (its address), reading (one look), pages, api
decisions/                                   what people decide: recorded here, obeyed by the next run
navigation.py  drawing.py  templates/        the frame of every page; a new view is added to VIEWS and to app.PARTS
access.py    who may look, see values and act: the only module that imports Airflow's internals
source.py    the ledger, or in words why it cannot be shown
params.py    parameters of an address; scope.py: one run or task; choices.py: what filters offer
words.py     what of the vendors' words a user may read; record_links.py: into the vendors' own pages
spreadsheet.py  assets.py  guide.py          CSV, style and scripts, the operations guide
language.py  texts/                          every word, in English, Norwegian and Swedish
"""
