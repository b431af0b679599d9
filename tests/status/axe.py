"""A page as axe sees it: its structure whole, and the contrast of its parts in both themes, narrow and wide."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

CONTRAST = "color-contrast"
#: width and theme
LOOKS = ((360, "dark"), (1400, "light"))
#: that nothing reaches beyond: also just above that at which rows become cards
WIDTHS = (1400, 840, 360)
#: of a list, a table or the guide so many parts show the colours of all: contrast is what takes long
PARTS = 25
#: the innermost elements that reach beyond a width
BEYOND = """width => [...document.querySelectorAll('main *')]
  .filter((one) => one.getBoundingClientRect().right > width && !one.closest('.scroll'))
  .slice(-3).map((one) => one.outerHTML.slice(0, 160))"""


def assert_well_made(page: Any, url: str) -> None:
    """With all that can be opened open: no violations, and nothing wider than the screen."""
    page.goto(url)
    page.locator("#zone").filter(has_text="Oslo").wait_for(state="attached")  # the scripts have run
    page.evaluate("document.querySelectorAll('details:not(.many)').forEach((one) => (one.open = true))")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{url} is {wide} wide: {page.evaluate(BEYOND, width)}"
    _assert_no_violations(page, url, rules={CONTRAST: {"enabled": False}})
    page.evaluate(
        "most => document.querySelectorAll('tbody, ol, ul, .guide')"
        ".forEach((one) => [...one.children].slice(most).forEach((part) => part.remove()))",
        PARTS,
    )
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        _assert_no_violations(page, f"{url} {theme}", runOnly=[CONTRAST])


def _assert_no_violations(page: Any, what: str, **options: Any) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found] == [], what
