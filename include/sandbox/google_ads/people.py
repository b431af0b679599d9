"""What people do in Google's screens, and what tests arrange: accounts, conversion actions, clicks, consent, tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, get_type_hints

from sandbox.arguments import check
from sandbox.clock import parse
from sandbox.google_ads.oauth import Tokens
from sandbox.google_ads.state import Action, Click, Conversion, Customer, State
from sandbox.world_google_ads import hashed, normal_email


class People:
    """Each public method is one action of the admin API; its keyword arguments are the action's arguments."""

    def __init__(self, state: State, tokens: Tokens) -> None:
        self.state, self.tokens = state, tokens

    def act(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError, in a sentence, for an unknown action or a wrong argument."""
        actions = {name: getattr(self, name) for name in dir(self) if not name.startswith("_") and name != "act"}
        actions = {name: method for name, method in actions.items() if callable(method)}
        if action not in actions:
            raise ValueError(f"unknown Google Ads action {action!r}; known are {sorted(actions)}")
        check(get_type_hints(actions[action]), arguments)
        return _call(actions[action], action, arguments)

    # --- accounts ----------------------------------------------------------------------------------------------------
    def create_customer(self, **settings: Any) -> dict[str, Any]:
        """Open an account; needs `id` (ten digits) and `name`."""
        made = Customer(**_known(Customer, settings))
        if made.id in self.state.customers or not (made.id.isdigit() and len(made.id) == 10):
            raise ValueError(f"an account needs ten digits of its own as id, not {made.id!r}")
        self.state.customers[made.id] = made
        return {"id": made.id}

    def set_customer(self, id: str, **settings: Any) -> dict[str, Any]:
        """Change an account: `status`, `tracking`, `terms`, `enhanced_conversions`, `policy_prohibits`, `accessible`, …"""
        customer = self._customer(id)
        for name, value in _known(Customer, settings).items():
            setattr(customer, name, value)
        return {"id": id}

    def set_allow_list(self, allowed: bool) -> dict[str, Any]:
        """Open or close UploadClickConversions for this project."""
        self.state.settings["allowlisted"] = bool(allowed)
        return {"allowlisted": bool(allowed)}

    # --- conversion actions ------------------------------------------------------------------------------------------
    def create_action(self, customer: str, name: str, **settings: Any) -> dict[str, Any]:
        """Create a conversion action now (or at `created_at`)."""
        self._customer(customer)
        given = _known(Action, settings)
        created = _time(given.pop("created_at", self.state.now()))
        number = str(given.pop("id", 720_000 + self.state.next_id()))
        if number in self.state.actions:
            raise ValueError(f"there is a conversion action {number} already")
        self.state.actions[number] = Action(number, customer, name, created, **given)
        return {"id": number}

    def set_action(self, id: str, **settings: Any) -> dict[str, Any]:
        """Change a conversion action: `status` (ENABLED, REMOVED, HIDDEN), `counting`, `lookback_days`, …"""
        given = _known(Action, settings)
        if "created_at" in given:
            given["created_at"] = _time(given["created_at"])
        self.state.actions[id] = replace(self._action(id), **given)
        return {"id": id}

    def remove_action(self, id: str) -> dict[str, Any]:
        return self.set_action(id, status="REMOVED")

    def enable_action(self, id: str) -> dict[str, Any]:
        return self.set_action(id, status="ENABLED")

    # --- clicks and conversions --------------------------------------------------------------------------------------
    def add_click(
        self, customer: str, at: str, campaign: str | None = None, emails: list[str] | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Someone clicks an ad: `gclid`, `gbraid` or `wbraid`, and the addresses that the visitor left on the site."""
        self._customer(customer)
        own = [key for key, row in self.state.campaigns.items() if row["customer"] == customer]
        chosen = campaign or (own[0] if own else "")
        if chosen not in own:
            raise ValueError(f"the account {customer} has no campaign {campaign or ''}; it has {own}")
        people = [hashed(normal_email(address)) for address in emails or ()]
        click = Click(customer, chosen, _time(at), emails=people, **_known(Click, settings))
        self.state.add_click(click)
        return {"id": click.id}

    def record_conversion(self, conversion_action: str, click: str, at: str, **settings: Any) -> dict[str, Any]:
        """The site's tag records a conversion of a WEBPAGE action."""
        owner = self._action(conversion_action).customer
        if click not in self.state.clicks:
            raise ValueError(f"there is no click {click!r}")
        made = Conversion(
            str(self.state.next_id()), owner, conversion_action, _time(at), self.state.now(), click, source="TAG",
            **_known(Conversion, settings),
        )  # fmt: skip
        self.state.add_conversion(made)
        return {"id": made.id}

    # --- tokens ------------------------------------------------------------------------------------------------------
    def expire_tokens(self) -> dict[str, Any]:
        """All access tokens end now; refresh tokens still work."""
        return {"expired": self.tokens.expire()}

    def revoke_tokens(self) -> dict[str, Any]:
        """The user takes the app's access away: refresh tokens used so far are `invalid_grant`."""
        return {"revoked": self.tokens.revoke_all()}

    # --- helpers -----------------------------------------------------------------------------------------------------
    def _customer(self, customer: str) -> Customer:
        if customer not in self.state.customers:
            raise ValueError(f"there is no account {customer!r}; there are {sorted(self.state.customers)}")
        return self.state.customers[customer]

    def _action(self, number: str) -> Action:
        if number not in self.state.actions:
            raise ValueError(f"there is no conversion action {number!r}")
        return self.state.actions[number]


def _known(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(cls)}
    if unknown := sorted(set(given) - names):
        raise ValueError(f"{cls.__name__} has no {unknown}; it has {sorted(names)}")
    check(get_type_hints(cls), given)
    return given


def _time(value: str | datetime) -> datetime:
    return parse(value) if isinstance(value, str) else value


def _call(method: Callable[..., dict[str, Any]], action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return method(**arguments)
    except TypeError as error:
        raise ValueError(f"{action}: {error}") from error
