"""The difference as a picture: a bridge from HubSpot's number to Google's, and small bars about a middle line. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lockstep.conversions.reconciliation import Bucket

NONE, ALL = Decimal(0), Decimal(100)
#: families of buckets, which share a colour; in the order of the picture
FAMILIES: dict[str, tuple[Bucket, ...]] = {
    "besides": (Bucket.OTHER_SOURCES, Bucket.SEVERAL_ACTIONS, Bucket.ANOTHER_DAY),
    "people": (
        Bucket.EXISTING_CONTACT, Bucket.NOT_TRACKED, Bucket.OTHER_SESSION, Bucket.NOT_IN_HUBSPOT, Bucket.OTHER_AD,
        Bucket.NO_MILESTONE,
    ),
    "yet": (Bucket.PENDING, Bucket.TOO_RECENT, Bucket.NOT_SENT),
    "never": (
        Bucket.NO_CLICK_ID, Bucket.EXPIRED, Bucket.CONSENT, Bucket.DUPLICATE, Bucket.ONCE_PER_CLICK, Bucket.TAKEN_BACK,
        Bucket.UNKNOWN_ROW, Bucket.REJECTED,
    ),
    "unexplained": (Bucket.NOT_EXPLAINED,),
}  # fmt: skip
_FAMILY = {bucket.value: family for family, buckets in FAMILIES.items() for bucket in buckets}
_ORDER = {name: number for number, name in enumerate(_FAMILY)}


def bucket_of(name: str) -> str:
    """`rejected ads_x` is of the bucket `rejected`."""
    return name.split(" ")[0]


def code_of(name: str) -> str:
    """The code of `rejected ads_x`; "" of other buckets."""
    return name.partition(" ")[2]


def ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (_ORDER[bucket_of(name)], name))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the bridge. `name`: contacts, network or a bucket. `x`, `width`: percent of the picture; `link`: where the line to
    the next bar is."""

    name: str
    by: Decimal
    x: Decimal
    width: Decimal
    link: Decimal

    @property
    def family(self) -> str:
        return _FAMILY.get(bucket_of(self.name), "whole")


def bars(contacts: Decimal, buckets: Mapping[str, Decimal], network: Decimal) -> tuple[Bar, ...]:
    """From HubSpot's contacts, part by part, to Google's conversions."""
    steps = [("contacts", NONE, contacts)]
    at = contacts
    for name in ordered(buckets):
        steps.append((name, at, at + buckets[name]))
        at += buckets[name]
    steps.append(("network", NONE, network))
    ends = [end for _, start, to in steps for end in (start, to)]
    low, high = min(*ends, NONE), max(*ends, NONE)
    scale = ALL / (high - low) if high > low else NONE
    return tuple(
        Bar(name, to - start, (min(start, to) - low) * scale, abs(to - start) * scale, (to - low) * scale)
        for name, start, to in steps
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a row's small picture, from -50 to 50 about the middle; parts that add lie on the right."""

    name: str
    by: Decimal
    x: Decimal
    width: Decimal

    @property
    def family(self) -> str:
        return _FAMILY[bucket_of(self.name)]


def parts(buckets: Mapping[str, Decimal], widest: Decimal) -> tuple[Part, ...]:
    """`widest`: what fills half of the picture."""
    scale = ALL / 2 / widest if widest else NONE
    less = more = NONE
    found = []
    for name in ordered(buckets):
        by = buckets[name]
        width = abs(by) * scale
        if by < 0:
            less += width
            found.append(Part(name, by, -less, width))
        else:
            found.append(Part(name, by, more, width))
            more += width
    return tuple(found)
