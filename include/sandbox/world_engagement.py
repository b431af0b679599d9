"""Seeds what people do with customers in Salesforce: cases, tasks, events, and the field history of all that they changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox import dirt, names
from sandbox.salesforce import formulas, picklists
from sandbox.salesforce.activities import times as event_times
from sandbox.salesforce.ids import PREFIXES
from sandbox.salesforce.store import stamp
from sandbox.world_org import OrgSeeder

if TYPE_CHECKING:
    from sandbox.world import Record, Size, World

CASE_SUBJECTS = ("Cannot log in", 'Invoice shows "0,00"', "Rückgabe der Lieferung", "Export tar evigheter", "請求書について",
                 "Password reset\nnot received", "🚀 Feature request", "Broken seal")  # fmt: skip
TASK_SUBJECTS = ("Call", "Send Quote", "Email: Re: tilbud", "Follow up 🌸", 'Ask about "phase 2"', "Angebot nachfassen",
                 "見積もりを送る", "Call", "Other")  # fmt: skip
EVENT_SUBJECTS = (
    "Meeting",
    "Demo",
    "Kaffemøte",
    "Quarterly review",
    "打ち合わせ",
    "Call",
    "Messegespräch: Halle 4, Stand B",
)
PLACES = ("Oslo", "Teams", "Customer's office,\n2nd floor", "東京オフィス", None)
TEMPLATES = (("Welcome", "Welcome, {!Contact.FirstName}!"), ("Webinar invitation", "You're invited"),
             ("Case received", "We have received your case {!Case.CaseNumber}"), ("Renewal", "Fornyelse av abonnement"))  # fmt: skip
ARCHIVED_DAYS = 365


def seed_engagement(world: World, size: Size, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Add to `world.salesforce`, which already holds the people, companies and opportunities."""
    seeder = EngagementSeeder(world, pools, rng, now)
    seeder.set_up()
    seeder.cases(size.cases)
    seeder.tasks(size.tasks)
    seeder.events(size.events)
    seeder.histories()
    for name in ("Case", "Task", "Event"):
        seeder.bury(name)


class EngagementSeeder(OrgSeeder):
    """Adds to a world that has its people; its throws are its own, so that the people stay as they are."""

    def __init__(self, world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
        super().__init__(world, pools, rng, now)
        for name, rows in world.salesforce.items():
            self.counts[PREFIXES[name]] = self.counts.get(PREFIXES[name], 0) + len(rows)
        users = self.rows["User"]
        self.owners = [user["Id"] for user in users[1:]]
        self.active = [user["Id"] for user in users[1:] if user["IsActive"]]
        self.queues = [group["Id"] for group in self.rows["Group"]]
        self.contacts, self.accounts = self.live("Contact"), self.live("Account")
        self.leads = [row for row in self.live("Lead") if not row["IsConverted"]]
        self.deals = self.live("Opportunity")
        self.account_of = {row["Id"]: row for row in self.accounts}

    def live(self, name: str) -> list[Record]:
        return [row for row in self.rows[name] if not row["IsDeleted"]]

    def whole(self, name: str, created: datetime, modified: datetime, fields: dict[str, Any]) -> Record:
        return self.add(name, created, modified, {"Lockstep_Id__c": None, **fields})

    # --- set-up ----------------------------------------------------------------------------------------------------
    def set_up(self) -> None:
        """Statuses, record types of cases, what queues hold, templates."""
        old = self.now - timedelta(days=399)
        for name, labels in (("CaseStatus", picklists.CASE_STATUSES), ("TaskStatus", picklists.TASK_STATUSES)):
            closed = picklists.CLOSED[name.removesuffix("Status")]
            for order, label in enumerate(labels, 1):
                values = {"MasterLabel": label, "ApiName": label, "SortOrder": order, "IsDefault": order == 1}
                self.add(name, old, old, {**values, "IsClosed": label in closed})
        for order, label in enumerate(("High", "Normal", "Low"), 1):
            values = {"MasterLabel": label, "ApiName": label, "SortOrder": order, "IsDefault": label == "Normal"}
            self.add("TaskPriority", old, old, {**values, "IsHighPriority": label == "High"})
        for name in ("Support", "Billing"):
            self.add(
                "RecordType", old, old, {"Name": name, "DeveloperName": name, "SobjectType": "Case", "IsActive": True}
            )
        self.queue_objects(old)
        self.templates(old)
        self.record_types()

    def queue_objects(self, old: datetime) -> None:
        """Queues hold leads; the last one cases and tasks too. Each has some members."""
        for queue in self.queues:
            kinds = ("Lead", "Case", "Task") if queue == self.queues[-1] else ("Lead",)
            for kind in kinds:
                self.add("QueueSobject", old, old, {"QueueId": queue, "SobjectType": kind})
            for user in self.rng.sample(self.active, min(2, len(self.active))):
                self.add("GroupMember", old, old, {"GroupId": queue, "UserOrGroupId": user})

    def templates(self, old: datetime) -> None:
        for name, subject in TEMPLATES:
            self.add("EmailTemplate", old, old, {
                "Name": name, "DeveloperName": name.replace(" ", "_"), "OwnerId": self.active[0], "IsActive": True,
                "FolderName": "Unfiled Public Classic Email Templates", "TemplateStyle": "none", "TemplateType": "text",
                "Encoding": "UTF-8", "Subject": subject, "Body": f"{subject}\n\nHilsen\nvåre folk", "TimesUsed": 0,
                "UiType": "SFX",
            })  # fmt: skip

    def record_types(self) -> None:
        """Opportunities and cases have record types, apart from a few old ones."""
        kinds: dict[str, list[str]] = {}
        for row in self.rows["RecordType"]:
            kinds.setdefault(row["SobjectType"], []).append(row["Id"])
        self.case_types = kinds["Case"]
        for deal in self.rows["Opportunity"]:
            deal["RecordTypeId"] = None if self.rng.random() < 0.05 else self.rng.choice(kinds["Opportunity"])

    # --- cases and activities ----------------------------------------------------------------------------------------
    def cases(self, count: int) -> None:
        for number in range(1, count + 1):
            self.case(number)

    def case(self, number: int) -> None:
        rng, (created, modified) = self.rng, self.times()
        contact = None if rng.random() < 0.1 else rng.choice(self.contacts)
        closed = rng.random() < 0.55
        priority = rng.choice(("High", "Medium", "Medium", "Low"))
        row = self.whole("Case", created, modified, {
            "CaseNumber": f"{number:08}",
            "ContactId": contact and contact["Id"],
            "AccountId": contact["AccountId"] if contact else rng.choice(self.accounts)["Id"],
            "RecordTypeId": rng.choice(self.case_types),
            "Type": rng.choice(("Mechanical", "Electrical", "Other", None)),
            "Status": "Closed" if closed else rng.choice(("New", "Working", "Escalated")),
            "Reason": rng.choice(("Installation", "Performance", "Other", None)),
            "Origin": rng.choice(("Phone", "Email", "Web")),
            "Subject": rng.choice(CASE_SUBJECTS),
            "Priority": priority,
            "Description": dirt.description(rng),
            "IsClosed": closed, "ClosedDate": modified if closed else None, "IsEscalated": rng.random() < 0.05,
            "OwnerId": self.queues[-1] if not closed and rng.random() < 0.3 else self.owner(),
            **{field: contact and contact[source] for field, source in formulas.CONTACT_OF_CASE.items()},
        })  # fmt: skip
        if row["Status"] != "New":
            self.history(("CaseHistory", "CaseId"), row, "Status", ("New", row["Status"]))

    def about(self) -> tuple[str | None, str | None, str | None]:
        """Who and what an activity is about, and the account that follows."""
        roll = self.rng.random()
        if roll < 0.25:
            return self.rng.choice(self.leads)["Id"], None, None
        if roll < 0.32:
            return None, None, None
        if roll < 0.6:
            contact = self.rng.choice(self.contacts)
            return contact["Id"], contact["AccountId"], contact["AccountId"]
        if roll < 0.8:
            contact = self.rng.choice(self.contacts)
            return contact["Id"], None, contact["AccountId"]
        deal = self.rng.choice(self.deals)
        return None, deal["Id"], deal["AccountId"]

    def tasks(self, count: int) -> None:
        for _ in range(count):
            self.task()

    def task(self) -> None:
        rng, (created, modified) = self.rng, self.times()
        who, what, account = self.about()
        status = rng.choice(
            ("Completed", "Completed", "Not Started", "In Progress", "Waiting on someone else", "Deferred")
        )
        closed, subject, priority = (
            status == "Completed",
            rng.choice(TASK_SUBJECTS),
            rng.choice(("High", "Normal", "Low")),
        )
        due = None if rng.random() < 0.15 else (created + timedelta(days=rng.randrange(30))).strftime("%Y-%m-%d")
        self.whole("Task", created, modified, {
            "WhoId": who, "WhatId": what, "AccountId": account, "Subject": subject, "ActivityDate": due,
            "Status": status, "Priority": priority, "IsHighPriority": priority == "High", "IsClosed": closed,
            "CompletedDateTime": modified if closed else None, "OwnerId": self.owner(),
            "Description": dirt.description(rng), "Type": rng.choice(("Call", "Meeting", "Other", None)),
            "TaskSubtype": "Call" if subject == "Call" else "Task",
            "CallDurationInSeconds": rng.randrange(30, 3600) if subject == "Call" and closed else None,
            "CallType": "Outbound" if subject == "Call" else None,
            "IsReminderSet": False, "IsRecurrence": False, "IsArchived": closed and self.is_old(created),
        })  # fmt: skip

    def is_old(self, at: datetime) -> bool:
        return (self.now - at).days > ARCHIVED_DAYS

    def events(self, count: int) -> None:
        for _ in range(count):
            self.event()

    def event(self) -> None:
        rng, (created, modified) = self.rng, self.times()
        who, what, account = self.about()
        day = created + timedelta(days=rng.randrange(40))
        start = day.replace(hour=rng.randrange(7, 17), minute=rng.choice((0, 30)), second=0)
        all_day = rng.random() < 0.06
        minutes = 1440 if all_day else rng.choice((15, 30, 60, 90))
        start = start.replace(hour=0, minute=0) if all_day else start
        self.whole("Event", created, modified, {
            "WhoId": who, "WhatId": what, "AccountId": account, "Subject": rng.choice(EVENT_SUBJECTS),
            "Location": rng.choice(PLACES), "IsAllDayEvent": all_day, **event_times(stamp(start), minutes),
            "Description": dirt.description(rng), "OwnerId": self.owner(), "Type": rng.choice(("Meeting", "Call", None)),
            "ShowAs": rng.choice(("Busy", "Free", "OutOfOffice")), "IsPrivate": rng.random() < 0.03,
            "EventSubtype": "Event", "IsArchived": self.is_old(start),
        })  # fmt: skip

    # --- history ---------------------------------------------------------------------------------------------------
    def histories(self) -> None:
        """The stages of opportunities as field history, and a few moves of contacts and accounts."""
        stages: dict[str, str] = {}
        for row in self.rows.get("OpportunityHistory", []):
            before = stages.get(row["OpportunityId"])
            if before is not None:
                fields = {"OpportunityId": row["OpportunityId"], "Field": "StageName", "DataType": "DynamicEnum"}
                at = row["CreatedDate"]
                self.add(
                    "OpportunityFieldHistory", at, at, {**fields, "OldValue": before, "NewValue": row["StageName"]}
                )
            stages[row["OpportunityId"]] = row["StageName"]
        for row in self.rng.sample(self.contacts, len(self.contacts) // 20):
            self.history(("ContactHistory", "ContactId"), row, "Title", (None, row["Title"]))
        for row in self.rng.sample(self.accounts, len(self.accounts) // 20):
            self.history(("AccountHistory", "AccountId"), row, "Industry", ("Other", row["Industry"]))

    def bury(self, name: str) -> None:
        """A few deleted records in the recycle bin, each a twin of a live one; of cases, some were merged into it."""
        for like in self.rng.sample(self.rows.get(name, []), len(self.rows.get(name, [])) // 50):
            at = self.now - timedelta(seconds=int(86_400 * (1.5 + 8 * self.rng.random())))
            stamps = {"LastModifiedDate": at, "SystemModstamp": at}
            row = {**like, **stamps, "Id": self.next_id(name), "IsDeleted": True, "Lockstep_Id__c": None}
            if name == "Case" and self.rng.random() < 0.5:
                row["MasterRecordId"] = like["Id"]
            self.rows[name].append(row)

    def history(self, history: tuple[str, str], row: Record, field: str, values: tuple[Any, Any]) -> None:
        (name, parent), at = history, row["LastModifiedDate"]
        fields = {parent: row["Id"], "Field": field, "DataType": "DynamicEnum" if field != "Title" else "Text"}
        self.add(name, at, at, {**fields, "OldValue": values[0], "NewValue": values[1]})
