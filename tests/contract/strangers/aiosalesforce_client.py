"""aiosalesforce (PyPI; asyncio and httpx): OAuth, rows, queries, Composite, Bulk API 2.0."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from aiosalesforce import Salesforce
from aiosalesforce.auth import ClientCredentialsFlow
from aiosalesforce.exceptions import SalesforceError
from steps import run


async def main() -> None:
    async with httpx.AsyncClient() as http:
        await run(
            steps(Salesforce(http, "https://acme.my.salesforce.com", ClientCredentialsFlow("any", "any"), "62.0"))
        )


def steps(sf: Salesforce) -> dict[str, Any]:
    async def row() -> list[Any]:
        made = await sf.sobject.create("Account", {"Name": "Blåbær & Sønn"})
        await sf.sobject.update("Account", made, {"Phone": "22 33 44 55"})
        read = await sf.sobject.get("Account", made, fields=["Name", "Phone"])
        await sf.sobject.delete("Account", made)
        try:
            await sf.sobject.get("Account", made)
        except SalesforceError as error:
            return [read["Name"], read["Phone"], error.error_code]
        return ["the record is still there"]

    async def upsert() -> list[bool]:
        data = {"LastName": "A", "Company": "B"}
        return [(await sf.sobject.upsert("Lead", "aio-1", "Lockstep_Id__c", data)).created for _ in range(2)]

    async def query() -> list[Any]:
        rows = [one async for one in sf.query("SELECT Id, Account.Name FROM Contact WHERE AccountId != null")]
        return [len(rows) > 10, rows[0]["Account"]["attributes"]["type"]]

    async def malformed() -> str | None:
        try:
            return str([one async for one in sf.query("SELECT FROM")])
        except SalesforceError as error:
            return error.error_code

    async def composite() -> list[Any]:
        async with sf.composite(all_or_none=True) as batch:
            account = batch.sobject.create("Account", {"Name": "Samling AS"})
            contact = batch.sobject.create("Contact", {"LastName": "Ås", "AccountId": str(account.reference.id)})
        read = await sf.sobject.get("Contact", contact.id, fields=["AccountId"])
        return [account.status_code, read["AccountId"] == account.id]

    async def bulk() -> list[Any]:
        rows = [{"LastName": 'Zoë "Z"\nB', "Company": "Aio"}, {"LastName": "", "Company": "Aio"}]
        done = await sf.bulk_v2.insert("Lead", rows)
        error = done.failed_results[0]["sf__Error"].split(":")[0]
        return [done.jobs[0].state, done.successful_results[0]["LastName"], error, len(done.unprocessed_records)]

    async def limits() -> bool:
        return (await sf.get_limits())["DailyApiRequests"]["Max"] > 0

    return {
        "row": row, "upsert": upsert, "query": query, "malformed": malformed, "composite": composite,
        "bulk": bulk, "limits": limits,
    }  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
