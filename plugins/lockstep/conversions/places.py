"""Several Google Ads accounts may be configured: which one's table a campaign and a milestone stand in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What explaining an account's numbers takes: its time zone; the actions that count one conversion per click; the account that
    owns its conversions (GA-25); and its clients, which are the accounts whose campaigns its reports tell of: itself, or those
    under it if it is a manager."""

    account: str
    zone: str
    owner: str
    once: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()


class Places:
    """All accounts of which reports were read. `own`: the one of milestones that name none."""

    def __init__(self, places: Iterable[Place], own: str):
        self._of = {one.account: one for one in places}
        self._own = own
        narrow_last = sorted(self._of.values(), key=lambda one: (-len(one.clients), one.account))
        self._of_client = {client: one for one in narrow_last for client in one.clients}

    def clients(self, account: str) -> frozenset[str]:
        """The accounts whose campaigns stand in this account's table: each campaign stands in one table, that of the account with
        the fewest clients."""
        return frozenset(client for client, one in self._of_client.items() if one.account == account)

    def of(self, account: str) -> Place | None:
        return self._of.get(account)

    def of_client(self, client: str | None) -> Place | None:
        return self._of_client.get(client or "")

    def of_milestone(self, named: str | None, sent_to: str | None, clicked_in: str | None) -> Place | None:
        """Where its click counts, if that account's conversions have the owner that Google was sent the milestone as; else the
        account that it names, also where another account has come to own its conversions since. None: no report was read of any.

        `named`: the account of the milestone; `sent_to`: the owner that it was sent to; `clicked_in`: the account of its click.
        """
        named_place, clicked = self._of.get(named or self._own), self.of_client(clicked_in)
        owner = sent_to or (named_place.owner if named_place else None)
        some = (clicked, named_place, *self._of.values())
        return next((one for one in some if one and one.owner == owner), named_place)

    @property
    def own(self) -> Place | None:
        """The account of what names none: the milestones' own, else the first."""
        return self._of.get(self._own) or next(iter(self._of.values()), None)
