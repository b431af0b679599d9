"""Sync Status inside Airflow's UI, as somebody who sits before it uses it."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

#: a run of a few tasks, on a machine that is busy with other tests
RUN_MS = 120_000
PLACE = "/plugin/sync_status/sync-status/"


@dataclass
class Desk:
    """`page`: the browser's; `frame`: Sync Status in it."""

    page: Any
    url: str

    @classmethod
    @contextmanager
    def at(cls, browser: Any, url: str, width: int = 1400) -> Iterator["Desk"]:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="en-GB", timezone_id="Europe/Oslo"
        )
        context.set_default_timeout(20_000)
        page, complaints = context.new_page(), []
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        yield cls(page, url)
        context.close()
        assert complaints == []

    @property
    def frame(self) -> Any:
        return self.page.frame_locator("iframe[title='Sync Status']")

    @property
    def _inner(self) -> Any:
        (found,) = [one for one in self.page.frames if "/sync-status/" in one.url and one.parent_frame]
        return found

    @property
    def address(self) -> str:
        """Of what the frame shows, below Airflow's own."""
        return str(self._inner.url)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))

    def open(self, path: str = "") -> None:
        """A deep link, as a colleague sends it."""
        self.page.goto(f"{self.url}{PLACE}{path}")
        self.frame.locator("nav.views").wait_for()

    def choose(self, label: str, choice: str) -> None:
        """Tick one box of a filter with many."""
        field = self.frame.locator(".field", has=self.frame.locator(f"span.label:text-is('{label}')"))
        field.locator("summary").click()
        field.get_by_role("checkbox", name=choice).first.check()

    def apply(self) -> None:
        self.go(self.frame.get_by_role("button", name="Apply"))

    def ids(self, rows: str = "tbody.rows tr") -> list[int]:
        return [int(row.get_attribute("data-id")) for row in self.frame.locator(rows).all()]

    def download(self, name: str) -> list[dict[str, str]]:
        """The rows of an export."""
        with self.page.expect_download() as found:
            self.frame.get_by_role("link", name=name).click()
        return list(csv.DictReader(StringIO(found.value.path().read_text("utf-8-sig"))))

    def clear(self) -> None:
        self.follow("Clear")

    def follow(self, name: str) -> None:
        """A link of the page."""
        self.go(self.frame.get_by_role("link", name=name).first)

    def go(self, link: Any) -> None:
        before = self.address
        link.click()
        self._inner.wait_for_url(lambda url: url != before)
        self.frame.locator("nav.views").wait_for()

    def done(self, dag_id: str) -> None:
        """Until the run that was started is over; then its result."""
        result = self.frame.get_by_role("link", name="Show the result")
        result.wait_for(timeout=RUN_MS)
        told = self.frame.locator("#progress").inner_text()
        assert f"{dag_id} is done" in told, told
        result.click()
        result.wait_for(state="detached")
        self.frame.locator("nav.views").wait_for()

    def decide(self, path: str, record: str, choice: str) -> None:
        """Of a record that is held: one of the choices that there are, or a typed value."""
        self.open(path)
        row = self.frame.locator("tbody tr").filter(has_text=record)
        row.get_by_text("Decide", exact=True).click()
        if row.get_by_label(choice).count():
            row.get_by_label(choice).check()
        else:
            row.get_by_placeholder("Value, as Salesforce spells it").fill(choice)
        row.get_by_role("button", name="Decide and sync").click()
        self.done("push_updates")
        assert self.frame.locator("tbody tr").filter(has_text=record).count() == 0

    def inside(self, script: str) -> Any:
        return self._inner.evaluate(script)

    def lightness(self) -> float:
        """Of the page's ground, 0 to 255."""
        script = "() => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[0]; }"
        return float(self.inside(script))
