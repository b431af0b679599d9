"""The protocols by which ad networks and HubSpot are asked for reports. Imports nothing of theirs."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from lockstep.conversions.reports import AdContact, Clicked, Counted, Diagnosis, Traffic
from lockstep.model import Window


class AdsReports(Protocol):
    """Reports of Google Ads. Days are those of the account's time zone."""

    def below(self, customer: str) -> list[str]:
        """The accounts with campaigns: itself, or those under it if it is a manager."""

    def traffic(self, customer: str, first: date, last: date) -> Iterator[Traffic]:
        """Campaigns per day, from `first` to `last`."""

    def counted(self, customer: str, first: date, last: date) -> Iterator[Counted]:
        """Conversions per campaign, day and action."""

    def clicked(self, customer: str, day: date) -> Iterator[Clicked]:
        """Clicks of one day, of the last 90."""

    def diagnoses(self, customer: str) -> list[Diagnosis]:
        """Diagnostics of uploads into the account that owns the conversions."""


class VisitorSource(Protocol):
    """The part of HubSpot that tells which contacts came by an ad."""

    def came(self, fields: Sequence[str], window: Window) -> Iterator[list[AdContact]]:
        """Contacts with a GCLID in one of these properties that were changed in the window; the first property that has one
        counts."""
