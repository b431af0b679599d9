"""Values as they are compared (`canonical`) and as they are written (`render`), by field type. Pure.

Comparing in canonical form keeps Lockstep from "correcting" what is only spelled differently: `+47 22 33 44 55` and
`22334455` are one telephone number. Writing keeps the spelling of the side that a value comes from. Both functions are
total: whatever a vendor sends has a canonical form, and a value that cannot be written gives a `Rejection`, never an error.
"""

from lockstep.values.reading import (
    Canonical,
    Lookup,
    Unmapped,
    Unreadable,
    ValueContext,
    Waiting,
    canonical,
    key_text,
)
from lockstep.values.writing import Rendered, render

__all__ = [
    "Canonical",
    "Lookup",
    "Rendered",
    "Unmapped",
    "Unreadable",
    "ValueContext",
    "Waiting",
    "canonical",
    "key_text",
    "render",
]
