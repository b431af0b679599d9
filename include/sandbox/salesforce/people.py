"""What people and administrators do in Salesforce's own pages: edit, merge, convert, delete for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_type_hints

from sandbox import arguments
from sandbox.salesforce import campaigns, dml, effects, formulas, history
from sandbox.salesforce.dml import Options
from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.picklists import CONVERTED_STATUS
from sandbox.salesforce.store import Row

SYSTEM_REFERENCES = frozenset({"CreatedById", "LastModifiedById", "MasterRecordId"})
LOSERS_MAX = 2
VALUE_TABLES = {"Lead": "LeadStatus", "Opportunity": "OpportunityStage"}


class People:
    """The actions, each one transaction. A refusal is a ValueError with Salesforce's message."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.actions: dict[str, Callable[..., dict[str, Any]]] = {
            "create": self.create,
            "edit": self.edit,
            "system_edit": self.system_edit,
            "delete": self.delete,
            "undelete": self.undelete,
            "hard_delete": self.hard_delete,
            "empty_recycle_bin": self.empty_recycle_bin,
            "merge": self.merge,
            "convert": self.convert,
            "change_owner": self.change_owner,
            "delete_value": self.delete_value,
            "deactivate_stage": self.deactivate_stage,
        }

    def act(self, action: str, **args: Any) -> dict[str, Any]:
        """Carry out an action now; it becomes visible after the commit lag. ValueError if it cannot be done."""
        if action not in self.actions:
            raise ValueError(f"unknown Salesforce action {action!r}; known are {', '.join(sorted(self.actions))}")
        arguments.check(get_type_hints(self.actions[action]), args)
        self.org.store.tick()
        lag = float(self.org.settings["commit_lag_seconds"])
        try:
            with self.org.store.transaction() as journal:
                done = self.actions[action](**args)
                if lag > 0:
                    self.org.store.hold(journal, self.org.clock.now() + timedelta(seconds=lag))
        except Rejected as error:
            raise ValueError(str(error)) from error
        except TypeError as error:
            raise ValueError(f"{action}: {error}") from error
        return done

    def _options(self, user: str | None) -> Options:
        if user is None:
            api = self.org.default_user()
            active = (u["Id"] for u in self.org.store.rows("User") if u["IsActive"] and u["Id"] != api)
            user = next(active, api)
        elif user not in self.org.store.tables["User"]:
            raise ValueError(f"there is no user {user}")
        return Options(user=user, api=False, allow_duplicates=True)

    # --- rows ------------------------------------------------------------------------------------------------------
    def create(self, object: str, fields: Row, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Create a record."""
        return dict(dml.create(self.org, object, fields, self._options(user)))

    def edit(self, object: str, id: str, fields: Row, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Change fields of a record."""
        return dict(dml.update(self.org, object, id, fields, self._options(user)))

    def system_edit(self, object: str, id: str, fields: Row) -> dict[str, Any]:  # noqa: A002
        """Change fields as a system process does: SystemModstamp moves, LastModifiedDate does not."""
        row = dml.live(self.org, object, id, self._options(None))
        if unknown := sorted(set(fields) - set(self.org.full[object].fields)):
            raise ValueError(f"{object} has no fields {unknown}")
        return dict(self.org.store.update(object, row["Id"], fields, None))

    def change_owner(self, object: str, id: str, owner: str, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Give a record to another user or queue."""
        return self.edit(object, id, {"OwnerId": owner}, user)

    def delete(self, object: str, id: str, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Put a record into the recycle bin."""
        dml.delete(self.org, object, id, self._options(user))
        return {"id": dml.full_id(id)}

    def undelete(self, object: str, id: str, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Take a record out of the recycle bin."""
        dml.undelete(self.org, object, id, self._options(user))
        return {"id": dml.full_id(id)}

    def hard_delete(self, object: str, id: str, user: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Remove a record for good, from the recycle bin too."""
        key = dml.full_id(id)
        row = self.org.store.tables[object].get(key)
        if row is None:
            raise rejected("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if not row.get("IsDeleted"):
            dml.delete(self.org, object, key, self._options(user))
        self.org.store.purge(object, key)
        return {"id": key}

    def empty_recycle_bin(self, object: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Remove what lies in the recycle bin, of one object or of all; only getDeleted still tells of it."""
        store = self.org.store
        names = [self.org.object(object).name] if object else list(self.org.full)
        gone = [(name, row["Id"]) for name in names for row in store.tables[name].values() if row.get("IsDeleted")]
        for name, record_id in gone:
            store.purge(name, record_id)
        return {"purged": len(gone)}

    # --- setup: lead statuses and opportunity stages ---------------------------------------------------------------
    def delete_value(self, object: str, value: str) -> dict[str, Any]:  # noqa: A002
        """Delete a lead status or an opportunity stage from the organisation. Records that have it keep it."""
        row = self._value(object, value)
        self.org.store.purge(VALUE_TABLES[object], row["Id"])
        self.org.reshape()
        return {"id": row["Id"]}

    def deactivate_stage(self, value: str) -> dict[str, Any]:
        """Make an opportunity stage inactive: it leaves every sales process, and stays in the organisation's table."""
        row = self._value("Opportunity", value)
        self.org.store.update("OpportunityStage", row["Id"], {"IsActive": False}, None)
        self.org.reshape()
        return {"id": row["Id"]}

    def _value(self, name: str, value: str) -> Row:
        if name not in VALUE_TABLES:
            raise ValueError(f"values can be deleted of {', '.join(VALUE_TABLES)}, not of {name}")
        found = next((row for row in self.org.store.rows(VALUE_TABLES[name]) if row["ApiName"] == value), None)
        if found is None:
            raise ValueError(f"{name} has no value {value!r}")
        return found

    # --- merge -----------------------------------------------------------------------------------------------------
    def merge(
        self,
        object: str,
        winner: str,
        loser: str | list[str],
        fields: Row | None = None,
        user: str | None = None,  # noqa: A002
    ) -> dict[str, Any]:
        """Merge up to two losers into a winner, which takes ``fields``; their children move to the winner."""
        options = self._options(user)
        losers = [loser] if isinstance(loser, str) else loser
        if not self.org.object(object).mergeable or not 1 <= len(losers) <= LOSERS_MAX:
            raise ValueError(f"{object} cannot be merged, or there are not one or two losers")
        keep = dml.live(self.org, object, winner, options)["Id"]
        for record_id in losers:
            self._absorb(object, keep, dml.live(self.org, object, record_id, options)["Id"], options.user)
        return dict(dml.update(self.org, object, keep, fields or {}, options))

    def _absorb(self, name: str, winner: str, loser: str, user: str) -> None:
        if winner == loser:
            raise ValueError("a record cannot be merged into itself")
        store = self.org.store
        for child, definition in self.org.full.items():
            for field in definition.fields.values():
                moves = definition.updatable and field.name not in SYSTEM_REFERENCES
                if moves and name in field.references:
                    for row in store.holding(child, field.name, loser):
                        store.update(child, row["Id"], {field.name: winner} | self._unmoved(row), None)
                        formulas.renew(self.org, child, store.tables[child][row["Id"]])
        store.bury(name, loser, user, master=winner)
        if name in {"Contact", "Lead"}:
            campaigns.drop_twins(self.org, f"{name}Id", winner)

    def _unmoved(self, row: Row) -> Row:
        return {} if self.org.settings["merge_touches_children"] else {"SystemModstamp": row["SystemModstamp"]}

    # --- lead conversion -------------------------------------------------------------------------------------------
    def convert(
        self,
        lead_id: str,
        account_id: str | None = None,
        contact_id: str | None = None,
        create_opportunity: bool = True,
        opportunity_name: str | None = None,
        status: str = CONVERTED_STATUS,
        owner_id: str | None = None,
        user: str | None = None,
    ) -> dict[str, Any]:
        """Convert a lead to an account, a contact and perhaps an opportunity; existing ones may be given."""
        options = self._options(user)
        lead = dml.live(self.org, "Lead", lead_id, options)
        if lead["IsConverted"]:
            raise rejected("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        owner = owner_id or lead["OwnerId"]
        if not owner.startswith(self.org.objects["User"].prefix):
            raise rejected("INVALID_CROSS_REFERENCE_KEY", "Converted objects can only be owned by users.")
        account = account_id or self._account(lead, owner, options)
        contact = self._contact(lead, account, contact_id, owner, options)
        deal = self._deal(lead, account, contact, opportunity_name, owner, options) if create_opportunity else None
        self._mark(lead, status, owner, (account, contact, deal), options.user)
        return {"lead": lead["Id"], "account": account, "contact": contact, "opportunity": deal}

    def _account(self, lead: Row, owner: str, options: Options) -> str:
        address = {f"Billing{part}": lead[part] for part in ("Street", "City", "State", "PostalCode", "Country")}
        same = {name: lead[name] for name in ("Phone", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees")}
        body = {"Name": lead["Company"], "OwnerId": owner} | address | same | self._mapped("Account", lead)
        return str(dml.create(self.org, "Account", body, options)["Id"])

    def _contact(self, lead: Row, account: str, contact: str | None, owner: str, options: Options) -> str:
        address = {f"Mailing{part}": lead[part] for part in ("Street", "City", "State", "PostalCode", "Country")}
        names = (
            "FirstName",
            "LastName",
            "Salutation",
            "Title",
            "Phone",
            "MobilePhone",
            "Email",
            "LeadSource",
            "HasOptedOutOfEmail",
        )
        body = {name: lead[name] for name in (*names, "Description")} | address | self._mapped("Contact", lead)
        if contact is None:
            return str(dml.create(self.org, "Contact", body | {"AccountId": account, "OwnerId": owner}, options)["Id"])
        held = dml.live(self.org, "Contact", contact, options)
        blanks = {key: value for key, value in body.items() if held[key] is None and value is not None}
        return str(dml.update(self.org, "Contact", held["Id"], blanks, options)["Id"])

    def _deal(self, lead: Row, account: str, contact: str, name: str | None, owner: str, options: Options) -> str:
        close = self.org.clock.now() + timedelta(days=90)
        body = {
            "Name": name or f"{lead['Company'][:118]}-",
            "AccountId": account,
            "StageName": self.org.full["Opportunity"].fields["StageName"].values[0],
            "CloseDate": close.date().isoformat(),
            "OwnerId": owner,
            "LeadSource": lead["LeadSource"],
            "ContactId": contact,
        }
        return str(dml.create(self.org, "Opportunity", body | self._mapped("Opportunity", lead), options)["Id"])

    def _mapped(self, target: str, lead: Row) -> Row:
        mapping = self.org.settings["lead_field_map"].get(target, {})
        return {field: lead[source] for source, field in mapping.items() if lead.get(source) is not None}

    def _mark(self, lead: Row, status: str, owner: str, made: tuple[str, str, str | None], user: str) -> None:
        account, contact, deal = made
        values = {
            "IsConverted": True,
            "ConvertedDate": self.org.clock.now().date().isoformat(),
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": deal,
            "Status": status,
            "OwnerId": owner,
        }
        row = self.org.store.update("Lead", lead["Id"], values, user)
        effects.after(self.org, "Lead", lead, row, user)
        history.write(self.org, "Lead", lead["Id"], "leadConverted", "Text", None, None, user)
        effects.converted(self.org, lead["Id"], contact)
