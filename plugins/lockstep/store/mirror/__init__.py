"""What the systems last told us about their records."""

from lockstep.store.mirror.confirm import Confirmed, confirm, confirm_all
from lockstep.store.mirror.due import clear_due, clear_due_upto, due, raise_all, raise_due
from lockstep.store.mirror.entomb import Entombed, entomb
from lockstep.store.mirror.ids import all_live_ids, live_ids
from lockstep.store.mirror.merge import Keys, Merged, layout_fields, layout_of, merge_page
from lockstep.store.mirror.rows import any_live, count, count_filled, find, merged_into, moved_at, rows

__all__ = [
    "Confirmed",
    "Entombed",
    "Keys",
    "Merged",
    "all_live_ids",
    "any_live",
    "clear_due",
    "clear_due_upto",
    "confirm",
    "confirm_all",
    "count",
    "count_filled",
    "due",
    "entomb",
    "find",
    "layout_fields",
    "layout_of",
    "live_ids",
    "merge_page",
    "merged_into",
    "moved_at",
    "raise_all",
    "raise_due",
    "rows",
]
