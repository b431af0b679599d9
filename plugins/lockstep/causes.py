"""The root cause of an error: its message with everything taken out that differs from record to record.

"Contact 003A…1 is locked" and "Contact 003A…2 is locked" are one cause with two records, not two errors. What is left of a
message holds no value of a record either, so it may be shown to people who may not see those.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

#: stands for what was taken out
GAP = "\u2026"
LONGEST = 500
#: shorter values are parts of words too often to be looked for
_SHORTEST_VALUE = 3

_VARIABLE = re.compile(
    r"""
      \b[a-z][a-z0-9+.-]{1,20}://[^\s"'<>)]+                                  # addresses of pages
    | [\w.+%-]+@[\w-]+(?:\.[\w-]+)+                                           # of people
    | \b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b                         # UUIDs
    | "[^"\n]*" | \u201c[^\u201d\n]*\u201d | \u00ab[^\u00bb\n]*\u00bb | `[^`\n]*` | (?<!\w)'[^'\n]*'(?!\w)
    | \b\d{4}-\d\d-\d\d(?:[T\s]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
    | \b(?=[a-z0-9]*\d)[a-z0-9]{3}[a-z0-9]{12}(?:[a-z0-9]{3})?\b               # Salesforce ids: 15 or 18 characters
    | \b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b                                        # hashes
    | [+-]?\d[\d.,:]*\d|\d                                                    # numbers, times, HubSpot ids
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GAPS = re.compile(rf"{GAP}(?:[\s,;]*{GAP})+")


@dataclass(frozen=True, slots=True)
class Cause:
    """What errors have in common. `job`: a batch failed as a whole (MK-12: job level, else record level).

    `field`: names of the fields that are to blame, "" if it is the whole record; `template`: the message with gaps.
    """

    job: bool
    code: str
    system: str
    object: str
    field: str
    vendor_code: str
    template: str

    @property
    def digest(self) -> str:
        parts = (str(self.job), self.code, self.system, self.object, self.field, self.vendor_code, self.template)
        return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def template(message: str, values: Iterable[str | None] = ()) -> str:
    """The message without ids, quotations, numbers, addresses and `values` (those of the record); at most LONGEST characters."""
    known = sorted({value for value in values if value and len(value) >= _SHORTEST_VALUE}, key=len, reverse=True)
    for value in known:
        message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", GAP, message)
    told = _GAPS.sub(GAP, _VARIABLE.sub(GAP, message)).strip()
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + GAP
