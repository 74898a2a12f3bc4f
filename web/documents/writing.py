"""Paragraphs, tables and symbols written into a copy of the empty document."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm

from web.archives import bundle
from web.documents.reading import Block, Cell, Kind, NewPage, Paragraph, Run, Symbol, Table
from web.documents.template import HEIGHT, LEFT, RIGHT, WIDTH, WORD, add, empty

if TYPE_CHECKING:
    from web.documents import Look

_STYLES: Final[dict[Kind, str]] = {
    "title": "Title", "heading1": "Heading1", "heading2": "Heading2", "heading3": "Heading3",
    "body": "BodyText", "plain": "Normal", "cell": "NoSpacing", "bullet": "ListBullet",
    "number": "ListNumber", "continued": "ListContinue", "centre": "Normal",
    "reference": "Subtitle", "addressee": "Salutation", "signature": "Signature",
}  # fmt: skip
_HEAD: Final = 55
"""Millimetres that stay free for the red head."""
_TWIPS: Final = 1440 / 25.4
_WIDE: Final = 7
"""Columns from which a table wants the paper across."""
_LEAST, _MOST = 6, 44
"""Letters' widths between which a column's share is reckoned."""
_SIGNED: Final = 28
"""The same for a column in which somebody is to write."""
_ROW: Final = 480
_TO_FILL: Final = 800
"""Twentieths of a point: the least height of a row, and of one to be filled in by hand."""
_SYMBOL: Final = 36
_DOTS: Final = 6
"""Millimetres of a symbol's side, and dots of each of its modules."""


def written(blocks: Sequence[Block], look: Look) -> bytes:
    """Return the document; the same blocks at the same moment give the same bytes."""
    made = Document(io.BytesIO(empty(look.lang)))
    _facts(made, look)
    across = any(isinstance(each, Table) and _columns(each) >= _WIDE for each in blocks)
    if across:
        section = made.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(HEIGHT), Mm(WIDTH)
    pen = _Pen(made, round(((HEIGHT if across else WIDTH) - LEFT - RIGHT) * _TWIPS))
    if look.letterhead:
        pen.free(_HEAD)
    for block in blocks:
        pen.block(block)
    pen.end()
    file = io.BytesIO()
    made.save(file)
    with zipfile.ZipFile(file) as archive:
        return bundle([(name, archive.read(name)) for name in archive.namelist()])


def _facts(made: Any, look: Look) -> None:
    """Tell of the document what everybody may know: neither who made it nor with what."""
    facts = made.core_properties
    facts.title = look.title
    facts.author = facts.last_modified_by = facts.comments = facts.keywords = ""
    facts.language = "zh-CN" if look.lang == "zh" else look.lang
    facts.created = facts.modified = look.at.astimezone(UTC).replace(microsecond=0)
    facts.revision = 1


def _columns(table: Table) -> int:
    return max(sum(cell.columns for cell in row) for row in table.rows)


class _Pen:
    """Writes blocks one below the other."""

    def __init__(self, made: Any, width: int) -> None:
        self._made = made
        self._body = made.element.body
        self._last = self._body[-1]
        """The section, which stays last."""
        self._width = width
        self._series: dict[int, int] = {}
        self._new_page = False

    def free(self, millimetres: int) -> None:
        """Leave room at the top."""
        _, place = self._paragraph(self._body, "plain")
        add(place, "spacing", line=round(millimetres * _TWIPS), lineRule="exact")

    def block(self, block: Block) -> None:
        """Write one block."""
        if isinstance(block, NewPage):
            self._new_page = True
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._line(self._body, block)

    def end(self) -> None:
        """Put the section behind everything."""
        self._body.append(self._last)

    def _line(self, parent: Any, block: Paragraph | Symbol) -> None:
        if isinstance(block, Symbol):
            self._symbol(parent, block)
            return
        paragraph, place = self._paragraph(parent, block.kind)
        if block.kind in {"bullet", "number"}:
            numbered = add(place, "numPr")
            add(numbered, "ilvl", val=0)
            add(numbered, "numId", val=self._list(block))
        if block.kind == "centre":
            _centre(place)
        for run in block.runs:
            _write(paragraph, run, bold=run.bold and block.kind != "addressee")

    def _paragraph(self, parent: Any, kind: Kind) -> tuple[Any, Any]:
        """Begin a paragraph; return it with what tells how it is set."""
        paragraph = add(parent, "p")
        place = add(paragraph, "pPr")
        add(place, "pStyle", val=_STYLES[kind])
        if self._new_page:
            add(place, "pageBreakBefore")
            self._new_page = False
        return paragraph, place

    def _list(self, block: Paragraph) -> int:
        """Return the number under which a list counts; every numbered one begins with one."""
        if block.kind == "bullet":
            return 1
        if block.series not in self._series:
            number = self._series[block.series] = len(self._series) + 2
            each = add(self._made.part.numbering_part.element, "num", numId=number)
            add(each, "abstractNumId", val=1)
            add(add(each, "lvlOverride", ilvl=0), "startOverride", val=1)
        return self._series[block.series]

    def _symbol(self, parent: Any, symbol: Symbol) -> None:
        paragraph, place = self._paragraph(parent, "plain")
        add(place, "spacing", line=240, lineRule="auto")
        _centre(place)
        run = self._made.add_paragraph().add_run()
        run.add_picture(io.BytesIO(_drawn(symbol)), width=Mm(_SYMBOL))
        outer = run._r.getparent()  # noqa: SLF001 - the library makes pictures in runs of its own
        paragraph.append(run._r)  # noqa: SLF001 - the same
        outer.getparent().remove(outer)

    def _table(self, table: Table) -> None:
        if self._new_page:
            self._paragraph(self._body, "plain")
        widths = _widths(table, self._width)
        made = add(self._body, "tbl")
        about = add(made, "tblPr")
        add(about, "tblStyle", val="TableGrid")
        add(about, "tblW", w=sum(widths), type="dxa")
        grid = add(made, "tblGrid")
        for width in widths:
            add(grid, "gridCol", w=width)
        for place, row in enumerate(table.rows):
            self._row(add(made, "tr"), row, widths, head=place < table.heads)
        after, how = self._paragraph(self._body, "cell")  # two tables would grow together
        del after
        add(how, "spacing", line=240, lineRule="exact")

    def _row(self, made: Any, row: Sequence[Cell], widths: Sequence[int], *, head: bool) -> None:
        about = add(made, "trPr")
        add(about, "cantSplit")
        open_ = any(not cell.text.strip() for cell in row)
        add(about, "trHeight", val=_TO_FILL if open_ and not head else _ROW, hRule="atLeast")
        if head:
            add(about, "tblHeader")
        column = 0
        for cell in row:
            width = sum(widths[column : column + cell.columns])
            self._cell(add(made, "tc"), cell, width, head=head)
            column += cell.columns

    def _cell(self, made: Any, cell: Cell, width: int, *, head: bool) -> None:
        about = add(made, "tcPr")
        add(about, "tcW", w=width, type="dxa")
        if cell.columns > 1:
            add(about, "gridSpan", val=cell.columns)
        add(about, "vAlign", val="center")
        for block in cell.blocks or (Paragraph("cell", ()),):
            self._line(made, block)
        side = "center" if head else "right" if cell.right else ""
        for place in made.iterfind(f"{WORD}p/{WORD}pPr") if side else ():
            for each in place.findall(f"{WORD}jc"):
                place.remove(each)
            add(place, "jc", val=side)


def _write(paragraph: Any, run: Run, *, bold: bool) -> None:
    """Write some text, its lines under each other."""
    for place, line in enumerate(run.text.split("\v")):
        made = add(paragraph, "r")
        if bold or run.lang:
            how = add(made, "rPr")
            if bold:
                add(how, "b")
            if run.lang:
                add(how, "lang", val=run.lang, eastAsia="zh-CN")
        if place:
            add(made, "br")
        if line:
            text = add(made, "t")
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            text.text = line


def _centre(place: Any) -> None:
    add(place, "ind", firstLine=0, firstLineChars=0)
    add(place, "jc", val="center")


def _widths(table: Table, whole: int) -> list[int]:
    """Share the width of the page among the columns by the longest text of each."""
    longest = [_LEAST] * _columns(table)
    filled = [0] * len(longest)
    for place, row in enumerate(table.rows):
        column = 0
        for cell in row:
            if cell.columns == 1:
                longest[column] = max(longest[column], min(_extent(cell.text), _MOST))
            filled[column] += place >= table.heads and bool(cell.text.strip())
            column += cell.columns
    shares = [
        each if text else max(each, _SIGNED) for each, text in zip(longest, filled, strict=True)
    ]
    return [whole * each // sum(shares) for each in shares]


def _extent(text: str) -> int:
    """Return about how wide a text is: a Chinese sign is two letters wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text[:_MOST])


def _drawn(symbol: Symbol) -> bytes:
    """Return a symbol as a PNG."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (symbol.size, symbol.size), 1)
    draw = ImageDraw.Draw(picture)
    for x, y, length in symbol.black:
        draw.line((x, y, x + length - 1, y), fill=0)
    file = io.BytesIO()
    side = symbol.size * _DOTS
    picture.resize((side, side), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
