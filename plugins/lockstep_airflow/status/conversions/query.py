"""What the addresses of the conversions' pages ask for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from starlette.datastructures import QueryParams

from lockstep.conversions.record import ConversionState
from lockstep.store.conversion_list import ConversionFilter
from lockstep_airflow.status.params import Reader, Span, address

DEFAULT_PERIOD = "all"
#: an action of the connection's account, which has no number in conversions.yaml
OWN = "own"
#: days of a reconciliation, unless asked otherwise, and at most
DAYS, MOST_DAYS = 30, 400


@dataclass(frozen=True, slots=True)
class ListQuery:
    """`span`: when the milestone happened. `account` "": any; OWN: the connection's. `before`: a conversion's id, for paging."""

    span: Span = Span(DEFAULT_PERIOD)
    states: tuple[ConversionState, ...] = ()
    code: str = ""
    milestones: tuple[str, ...] = ()
    action: str = ""
    account: str = ""
    before: int | None = None

    def filter(self, now: datetime) -> ConversionFilter:
        date_from, date_to = self.span.bounds(now)
        return ConversionFilter(
            states=self.states,
            codes=(self.code,) if self.code else (),
            milestones=self.milestones,
            actions=(self.action,) if self.action else (),
            account=None if not self.account else "" if self.account == OWN else self.account,
            date_from=date_from,
            date_to=date_to,
        )

    @property
    def filtered(self) -> bool:
        return replace(self, before=None) != ListQuery()

    def url(self, **changes: object) -> str:
        """This query with changes, from its first page: the part of the URL from `?` on."""
        changed = replace(self, **{"before": None, **changes})  # type: ignore[arg-type]
        return address(
            [
                *changed.span.pairs(DEFAULT_PERIOD),
                *(("state", one.value) for one in changed.states),
                ("code", changed.code),
                *(("milestone", one) for one in changed.milestones),
                ("action", changed.action),
                ("account", changed.account),
                ("before", str(changed.before or "")),
            ]
        )


def parse_list(params: QueryParams) -> ListQuery:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    query = ListQuery(
        span=reader.span(DEFAULT_PERIOD),
        states=tuple(ConversionState(one) for one in reader.choices("state", tuple(ConversionState))),
        code=params.get("code", "").strip(),
        milestones=reader.choices("milestone"),
        action=params.get("action", "").strip(),
        account=params.get("account", "").strip(),
        before=reader.number("before", 1) if params.get("before", "") else None,
    )
    reader.done()
    return query


@dataclass(frozen=True, slots=True)
class DaysQuery:
    """Days in the account's time zone, both included; None: the last 30, up to today. `campaign`: its id; NOWHERE: what belongs
    to none. `account` "": the first that is known. `all`: days on which both numbers agree, too."""

    first: date | None = None
    last: date | None = None
    campaign: str = ""
    account: str = ""
    all: bool = False
    page: int = 1

    def days(self, today: date) -> tuple[date, date]:
        last = self.last or max(today, self.first or today)
        return self.first or last - timedelta(days=DAYS - 1), last

    @property
    def filtered(self) -> bool:
        return replace(self, page=1) != DaysQuery()

    def url(self, **changes: object) -> str:
        """This query with changes, from its first page: the part of the URL from `?` on."""
        changed = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        return address(
            [
                ("from", changed.first.isoformat() if changed.first else ""),
                ("to", changed.last.isoformat() if changed.last else ""),
                ("campaign", changed.campaign),
                ("account", changed.account),
                ("agreeing", "show" if changed.all else ""),
                ("page", str(changed.page) if changed.page > 1 else ""),
            ]
        )


NOWHERE = "none"


def parse_days(params: QueryParams) -> DaysQuery:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    query = DaysQuery(
        first=_day(reader, "from"),
        last=_day(reader, "to"),
        campaign=params.get("campaign", "").strip(),
        account=params.get("account", "").strip(),
        all=reader.choice("agreeing", ("hide", "show"), "hide") == "show",
        page=reader.number("page", 1),
    )
    first, last = query.days(query.last or query.first or date(2000, 1, 1))
    if not timedelta() <= last - first <= timedelta(days=MOST_DAYS):
        reader.mistakes.append(("from", params.get("from", "")))
    reader.done()
    return query


def _day(reader: Reader, name: str) -> date | None:
    text = reader.params.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        reader.mistakes.append((name, text))
        return None
