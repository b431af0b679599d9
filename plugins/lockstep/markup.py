"""HubSpot's rich text as the plain text that Salesforce keeps, and back. Pure.

`plain(rich(text)) == text` for every text; the other way round, markup that plain text cannot hold is lost, which is why a
note that nobody changed is never written back.
"""

import html
import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"}
)
_HIDDEN = frozenset({"script", "style", "head", "title"})
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[a-zA-Z#]")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)

    def _begin_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")


def plain(rich: str) -> str:
    """The text that a reader sees: blocks and `<br>` begin new lines."""
    if not _MARKUP.search(rich):
        return rich
    reader = _Reader()
    reader.feed(rich)
    reader.close()
    return "".join(reader.parts).replace("\xa0", " ").strip()


def rich(text: str) -> str:
    """Plain text as HubSpot shows it: `<` and `&` escaped, line ends as `<br>`."""
    return html.escape(text, quote=False).replace("\n", "<br>")
