"""Sync Status: the pages that data-ops people keep open, and the JSON and CSV under the same prefix.

access.py    who may read: the only module that imports Airflow's internals
source.py    the ledger, or in words why it cannot be shown
query.py     a URL's filters <-> what is asked of the ledger; scope.py: one run or task
rows.py      batches and records as plain dicts, for JSON and templates alike
pages.py  api.py  exports.py  assets.py      the routes
language.py  texts.py                        every word, in English, Norwegian and Swedish
"""
