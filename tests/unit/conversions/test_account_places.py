"""Which account's table a campaign and a milestone stand in, where several are configured."""

import pytest

from lockstep.conversions.places import Place, Places

A, B, ALONE, MANAGER = "1110000001", "1110000002", "9990000001", "1110000000"


def place(account: str, owner: str, *clients: str) -> Place:
    return Place(account, "UTC", owner, clients=frozenset(clients or {account}))


PLACES = Places(
    [place(A, MANAGER), place(MANAGER, MANAGER, A, B), place(ALONE, ALONE)],
    own=A,
)


def test_a_campaign_stands_in_one_table() -> None:
    assert PLACES.clients(A) == {A}
    assert PLACES.clients(MANAGER) == {B}, "what has a table of its own is not told again in its manager's"
    assert PLACES.of_client(B) == PLACES.of(MANAGER)
    assert PLACES.of_client("none") is PLACES.of_client(None) is PLACES.of("none") is None


@pytest.mark.parametrize(
    ("named", "sent_to", "clicked_in", "stands_in"),
    [
        (None, None, None, A),
        (ALONE, None, None, ALONE),
        (A, None, B, MANAGER),
        (A, MANAGER, B, MANAGER),
        (A, None, ALONE, A),
        (None, ALONE, None, ALONE),
        (MANAGER, None, A, A),
        (ALONE, ALONE, A, ALONE),
        ("unread", None, A, None),
        ("unread", MANAGER, None, A),
        (A, "1110000009", None, A),
    ],
    ids=[
        "names none", "names one", "click of a sibling", "sent, click of a sibling", "click of a stranger",
        "sent before the file was changed", "the manager's, click of a client", "sent elsewhere than clicked",
        "no report was read", "no report was read of what it names, but of what it was sent to",
        "another account owns the conversions today",
    ],
)  # fmt: skip
def test_a_milestone_stands_in_one_table(
    named: str | None, sent_to: str | None, clicked_in: str | None, stands_in: str | None
) -> None:
    found = PLACES.of_milestone(named, sent_to, clicked_in)
    assert (found.account if found else None) == stands_in


def test_what_names_no_account() -> None:
    assert PLACES.own == PLACES.of(A)
    assert Places([place(B, B)], own=A).own == place(B, B)
    assert Places([], own="").own is None
