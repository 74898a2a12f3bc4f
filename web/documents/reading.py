"""What stands on a page, read for a document: paragraphs, tables, symbols, in their order.

Whatever is there for screens alone is left out, as it is on paper: navigation, buttons, forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import msgspec

Kind = Literal[
    "title", "heading1", "heading2", "heading3", "body", "plain", "cell", "bullet", "number",
    "continued", "centre", "reference", "addressee", "signature",
]  # fmt: skip
"""How a paragraph is set; the last three are told by ``data-doc``, the others by their element."""
_HEADINGS: Final[dict[str, Kind]] = {
    "h1": "title", "h2": "heading1", "h3": "heading2", "h4": "heading3",
}  # fmt: skip
_MARKED: Final[dict[str, Kind]] = {
    "reference": "reference", "addressee": "addressee", "signature": "signature",
}  # fmt: skip
_BLOCKS: Final = frozenset(
    {
        *_HEADINGS, "main", "p", "div", "section", "article", "aside", "blockquote", "figure",
        "figcaption", "caption", "ul", "ol", "li", "table", "dl", "dt", "dd", "td", "th",
    }
)  # fmt: skip
_LEFT_OUT: Final = frozenset(
    {
        "script", "style", "template", "nav", "form", "button", "input", "select", "textarea",
        "label", "fieldset", "header", "footer", "progress", "details", "img", "noscript",
    }
)  # fmt: skip
_ON_SCREENS: Final = frozenset({"noprint", "vh", "actions", "pager", "back", "button", "change"})
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold."""
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_GAP: Final = "\u3000\u3000"
"""What stands between things that a page sets beside each other."""
_LINE: Final = "\v"
"""Where a line ends inside a paragraph."""
_RUN: Final = re.compile(r"M(\d+) (\d+)h(\d+)v1")
_MAIN: Final = re.compile(r"<main\b.*</main>", re.DOTALL)


class Run(msgspec.Struct, frozen=True):
    """Some text of one kind; ``lang`` where it is not that of the document."""

    text: str
    bold: bool = False
    lang: str = ""


class Paragraph(msgspec.Struct, frozen=True):
    """One paragraph; ``series`` tells numbered lists apart."""

    kind: Kind
    runs: tuple[Run, ...]
    series: int = 0


class Symbol(msgspec.Struct, frozen=True):
    """A QR symbol: its size in modules and its black runs."""

    size: int
    black: tuple[tuple[int, int, int], ...]


class NewPage(msgspec.Struct, frozen=True):
    """What follows begins on a page of its own."""


class Cell(msgspec.Struct, frozen=True):
    """One cell of a table."""

    blocks: tuple[Paragraph | Symbol, ...]
    head: bool = False
    right: bool = False
    columns: int = 1

    @property
    def text(self) -> str:
        """Return its text alone."""
        runs = (
            run.text for each in self.blocks if isinstance(each, Paragraph) for run in each.runs
        )
        return "".join(runs)


class Table(msgspec.Struct, frozen=True):
    """A table, or facts with their names before them."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0
    """How many rows are repeated on each page."""


Block = Paragraph | Symbol | NewPage | Table


class _Style(msgspec.Struct, frozen=True):
    """What an element hands down to what is in it."""

    kind: Kind = "body"
    bold: bool = False
    lang: str = ""
    series: int = 0


def read(page: str, lang: str) -> list[Block]:
    """Return what stands in the main part of a page in this language."""
    from lxml import etree  # comes with the library that writes documents

    found = _MAIN.search(page)
    html = _FORBIDDEN.sub("", found[0] if found else "<main></main>")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    root = etree.fromstring(html.encode(), parser)
    reader = _Reader(lang)
    reader.element(next(root.iter("main")), _Style())
    return reader.blocks


class _Reader:
    """Walks through elements and gathers blocks."""

    def __init__(self, lang: str) -> None:
        self.blocks: list[Block] = []
        self._lang = lang
        self._runs: list[Run] = []
        self._lists = 0

    def element(self, node: Any, style: _Style) -> None:
        """Take in one element with all that is in it."""
        if _left_out(node):
            return
        tag = node.tag
        if tag in _BLOCKS:
            self._end(style)
        style = self._styled(node, style)
        if tag == "br":
            self._runs.append(Run(_LINE))
        elif tag == "svg":
            self._symbol(node, style)
        elif tag in {"table", "dl"}:
            self._table(node, style)
        elif tag in {"ul", "ol"}:
            self._list(node, style)
        elif tag in _BLOCKS:
            self._block(node, style)
        else:
            self._inside(node, style)

    def _styled(self, node: Any, style: _Style) -> _Style:
        lang = node.get("lang", "")
        if lang:
            style = msgspec.structs.replace(style, lang="" if lang == self._lang else lang)
        if node.tag in {"strong", "b", "th"}:
            style = msgspec.structs.replace(style, bold=True)
        marked = _MARKED.get(node.get("data-doc", "")) or _HEADINGS.get(node.tag)
        if marked == "heading1" and style.kind == "centre":
            marked = "title"  # of a page of its own
        if marked and style.kind != "cell":
            style = msgspec.structs.replace(style, kind=marked)
        elif marked:
            style = msgspec.structs.replace(style, bold=True)
        elif "poster" in _classes(node):
            style = msgspec.structs.replace(style, kind="centre")
        return style

    def _block(self, node: Any, style: _Style) -> None:
        """Take in an element that stands on lines of its own."""
        if "poster" in _classes(node) and self.blocks:
            self.blocks.append(NewPage())
        self._inside(node, style)
        self._end(style)

    def _inside(self, node: Any, style: _Style) -> None:
        """Take in the text and the elements of an element."""
        beside = "row" in _classes(node)
        self._say(node.text, style)
        for child in node:
            before = len(self._runs)
            self.element(child, style)
            if beside and len(self._runs) > before:
                self._runs.append(Run(_GAP))
            self._say(child.tail, style)

    def _say(self, text: str | None, style: _Style) -> None:
        if text:
            self._runs.append(Run(text, style.bold, style.lang))

    def _end(self, style: _Style) -> None:
        """End the paragraph, if there is one."""
        runs = tuple(_closed_up(self._runs))
        self._runs = []
        if runs:
            self.blocks.append(Paragraph(style.kind, runs, style.series))

    def _list(self, node: Any, style: _Style) -> None:
        """Take in a list; the further paragraphs of an entry stand under its first."""
        self._lists += 1
        kind: Kind = "number" if node.tag == "ol" else "bullet"
        if "plain" in _classes(node):
            kind = style.kind
        inner = msgspec.structs.replace(style, kind=kind, series=self._lists)
        for entry in node.iterchildren("li"):
            before = len(self.blocks)
            self.element(entry, inner)
            for place in range(before + 1, len(self.blocks)):
                block = self.blocks[place]
                if isinstance(block, Paragraph) and block.kind in {"number", "bullet"}:
                    self.blocks[place] = msgspec.structs.replace(block, kind="continued")

    def _symbol(self, node: Any, style: _Style) -> None:
        """Take in a QR symbol; other drawings have their figures in words beside them."""
        if "qr" not in _classes(node):
            return
        self._end(style)
        size = int(node.get("viewBox", node.get("viewbox", "0 0 0 0")).split()[2])
        paths = [each.get("d", "") for each in node.iter("path")]
        black = _RUN.findall(paths[-1] if paths else "")
        self.blocks.append(Symbol(size, tuple((int(x), int(y), int(n)) for x, y, n in black)))

    def _table(self, node: Any, style: _Style) -> None:
        """Take in a table, or a list of facts as one."""
        for caption in node.iterchildren("caption"):
            self._block(caption, style)
        lines = _facts(node) if node.tag == "dl" else [list(row) for row in node.iter("tr")]
        rows = [tuple(self._cell(each, style) for each in line if _told(each)) for line in lines]
        kept = tuple(row for row in rows if row)
        if kept:
            heads = sum(1 for _ in node.iterfind("thead/tr"))
            self.blocks.append(Table(kept, heads))

    def _cell(self, node: Any, style: _Style) -> Cell:
        inner = _Reader(self._lang)
        inner.element(node, msgspec.structs.replace(style, kind="cell", bold=node.tag == "dt"))
        inner._end(style)
        return Cell(
            tuple(_flat(inner.blocks)),
            head=node.tag in {"th", "dt"},
            right="num" in _classes(node),
            columns=max(1, int(node.get("colspan", "1"))),
        )


def _classes(node: Any) -> list[str]:
    return str(node.get("class", "")).split()


def _left_out(node: Any) -> bool:
    """Tell whether an element is for screens alone, or is no element."""
    if not isinstance(node.tag, str) or node.tag in _LEFT_OUT or node.get("hidden") is not None:
        return True
    return not _ON_SCREENS.isdisjoint(_classes(node))


def _told(node: Any) -> bool:
    return isinstance(node.tag, str) and node.tag in {"td", "th", "dt", "dd"}


def _facts(node: Any) -> list[list[Any]]:
    """Return the rows of a list of facts: each name with what is told of it."""
    rows: list[list[Any]] = []
    for each in node.iter("dt", "dd"):
        if each.tag == "dt":
            rows.append([each])
        elif rows:
            rows[-1].append(each)
    return rows


def _flat(blocks: Sequence[Block]) -> Iterator[Paragraph | Symbol]:
    """Return what a cell may hold; the lines of a table in a cell become paragraphs."""
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                yield from (each for cell in row for each in cell.blocks)
        elif not isinstance(block, NewPage):
            yield block


def _closed_up(runs: Sequence[Run]) -> Iterator[Run]:
    """Return the runs with spaces as a browser shows them: one between words, none at the ends."""
    texts = [_SPACES.sub(" ", run.text) for run in runs]
    last = max((i for i, text in enumerate(texts) if text.strip(" \v\u3000")), default=-1)
    open_to_space = False
    for place in range(last + 1):
        text = texts[place]
        if not open_to_space:
            text = text.lstrip(" ")
        if place == last:
            text = text.rstrip(" ")
        if text:
            open_to_space = not text.endswith((" ", _LINE, _GAP))
            yield Run(text, runs[place].bold, runs[place].lang)
