"""A declared subset of SOQL: everything outside it is MALFORMED_QUERY, never a guess."""
