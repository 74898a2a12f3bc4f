"""Posters as pages of a PDF: symbols as vectors, Chinese in a font that every reader brings."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import A4, A5, A6
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from panel.roster.types import PosterSize, WindowView
from web import qr
from web.posters import Poster

COLUMNS: Final = 2
ROWS: Final = 4
"""Windows on one sheet of a hall."""
CELL: Final = 46 * mm
"""Side of a symbol on a sheet, quiet zone included: more than a millimetre a module."""
_PAGES: Final = {
    PosterSize.A4: A4, PosterSize.A5: A5, PosterSize.A6: A6, PosterSize.SHEETS: A4,
}  # fmt: skip
_CHINESE: Final = "STSong-Light"
_LATIN: Final = "Helvetica"
_BOLD: Final = "Helvetica-Bold"
_TYPED: Final = "Courier-Bold"
_ACCENT: Final = HexColor("#0b5a5f")
_SOFT: Final = HexColor("#444444")
_LEADING: Final = 1.3
_SHRINK: Final = 0.94
_OVERLAP: Final = 1.08
"""Rows of a symbol overlap by a hair, so that no screen shows seams between them."""
_RARE: Final = re.compile(r"[^\u0000-\uffff]")
"""Characters beyond the font's range; a mark shows that one is missing."""
_WORD: Final = re.compile(r"\S+\s*")
_CHARACTER: Final = re.compile(
    r"[!-~\u00a1-\u024f]+\s*|.[，。、；：？！）》」』】〕”’％]*", re.DOTALL
)
"""What stays together among Chinese: a Latin word, a character with the marks behind it."""

registerFont(UnicodeCIDFont(_CHINESE))


class Line:
    """A text in one font, made smaller within bounds until it fits its rows."""

    def __init__(
        self,
        text: str,
        font: str,
        width: float,
        sizes: tuple[float, float],
        *,
        rows: int = 1,
        gap: float = 0,
    ) -> None:
        """Choose the largest size at which the text needs no more than so many rows."""
        self.gap = gap
        self.text = _RARE.sub("〓", text.strip())
        self.heavy = font == _CHINESE and rows > 2  # noqa: PLR2004 - names have three rows
        self.font = font if _has_letters(font, self.text) else _CHINESE
        self.size, least = sizes
        self.rows = self._rows(width)
        while len(self.rows) > rows and self.size > least:
            self.size = max(least, self.size * _SHRINK)
            self.rows = self._rows(width)
        while len(self.rows) > 1 and len(even := self._rows(width * _SHRINK)) == len(self.rows):
            width, self.rows = width * _SHRINK, even

    @property
    def height(self) -> float:
        """Give how much room the rows take, with the gap above."""
        return len(self.rows) * self.size * _LEADING + self.gap

    def draw(self, canvas: Canvas, x: float, top: float, *, centred: bool) -> float:
        """Write the rows from the top downwards; return where they end."""
        canvas.setFont(self.font, self.size)
        top -= self.gap
        for row in self.rows:
            top -= self.size * _LEADING
            left = x - stringWidth(row, self.font, self.size) / 2 if centred else x
            text = canvas.beginText(left, top + self.size * 0.25)
            if self.heavy:  # the font has one weight: a thin outline makes it a headline
                canvas.setLineWidth(self.size * 0.025)
                text.setTextRenderMode(2)
            text.textOut(row)
            text.setTextRenderMode(0)
            canvas.drawText(text)
        return top

    def _rows(self, width: float) -> list[str]:
        """Break the text between words, and between Chinese characters but before no mark."""
        parts = (_CHARACTER if self.font == _CHINESE else _WORD).findall(self.text)
        rows, row = [], ""
        for part in parts:
            # A word that is longer than a row, as an address may be, is broken by its letters.
            for piece in [part] if self._wide(part) <= width else part:
                if row and self._wide(row + piece) > width:
                    rows.append(row.rstrip())
                    row = ""
                row += piece
        return [*rows, row.rstrip()] if row.strip() else rows

    def _wide(self, text: str) -> float:
        return float(stringWidth(text.rstrip(), self.font, self.size))


def _has_letters(font: str, text: str) -> bool:
    """Tell whether a font can write a text: the Latin ones know what Windows knew."""
    try:
        text.encode("utf-16" if font == _CHINESE else "cp1252")
    except UnicodeEncodeError:
        return False
    return True


class Book:
    """A file of posters that grows page by page."""

    def __init__(self, size: PosterSize) -> None:
        """Open an empty file."""
        self.size = size
        self.width, self.height = _PAGES[size]
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(self.width, self.height), pageCompression=1)
        self._canvas.setTitle("QR")
        self._hall = ""
        self._slot = 0

    def add(self, posters: Iterable[Poster]) -> None:
        """Draw posters behind those that are there."""
        for poster in posters:
            if self.size is PosterSize.SHEETS:
                self._cell(poster)
            else:
                self._page(poster)
                self._canvas.showPage()

    def close(self) -> bytes:
        """Finish the file and return its bytes."""
        if self._slot:
            self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _page(self, poster: Poster) -> None:
        """Draw one poster over its whole page: names, symbol, what to do, address in clear."""
        scale = self.width / A5[0]
        margin, gap = 10 * mm * scale, 3 * mm * scale
        width = self.width - 2 * margin
        self._canvas.setFillColor(_ACCENT)
        self._canvas.rect(margin, self.height - margin - gap, width, gap, stroke=0, fill=1)
        head = _names(poster.window, width, scale)
        foot = _foot(poster, width, scale)
        top = self._write(head, self.width / 2, self.height - margin - 2.5 * gap, centred=True)
        bottom = margin + sum(line.height for line in foot) + gap
        side = min(width * 0.8, top - bottom - gap)
        middle = (top + bottom) / 2
        self._symbol(poster.address, (self.width - side) / 2, middle - side / 2, side)
        self._write(foot, self.width / 2, bottom - gap, centred=True)

    def _cell(self, poster: Poster) -> None:
        """Draw a window on the sheet of its hall; a new hall or a full sheet begins another."""
        if self._slot == COLUMNS * ROWS or (self._slot and poster.window.hall_code != self._hall):
            self._canvas.showPage()
            self._slot = 0
        margin, pad = 10 * mm, 3 * mm
        top = self.height - margin - 14 * mm
        if not self._slot:
            self._hall = poster.window.hall_code
            self._sheet_head(poster.window, margin)
        width = (self.width - 2 * margin) / COLUMNS
        height = (top - margin) / ROWS
        left = margin + self._slot % COLUMNS * width
        upper = top - self._slot // COLUMNS * height
        self._slot += 1
        self._canvas.setDash(2, 3)
        self._canvas.setLineWidth(0.4)
        self._canvas.setStrokeColor(_SOFT)
        self._canvas.rect(left, upper - height, width, height)
        self._canvas.setDash()
        room = width - CELL - 2 * pad
        self._symbol(poster.address, left + pad / 2, upper - pad - CELL, CELL)
        foot = _foot(poster, width - 2 * pad, 0.6)
        low = upper - height + pad + sum(line.height for line in foot)
        self._write(foot, left + pad, low, centred=False)
        about = _names(poster.window, room, 0.52)
        self._write(about, left + pad + CELL, upper - 2 * pad, centred=False, end=low)

    def _sheet_head(self, window: WindowView, margin: float) -> None:
        """Write which hall a sheet belongs to."""
        width = self.width - 2 * margin
        lines = [
            Line(f"{window.hall_name}　{window.address}", _CHINESE, width, (13, 8)),
            Line(window.hall_name_en, _LATIN, width, (9, 6)),
        ]
        self._write(lines, margin, self.height - margin, centred=False)

    def _write(
        self, lines: Sequence[Line], x: float, top: float, *, centred: bool, end: float = 0
    ) -> float:
        """Write lines one below the other, as far as there is room."""
        self._canvas.setFillColor(black)
        self._canvas.setStrokeColor(black)
        for line in lines:
            if top - line.height < end:
                break
            top = line.draw(self._canvas, x, top, centred=centred)
        return top

    def _symbol(self, address: str, x: float, y: float, side: float) -> None:
        """Draw a QR symbol with its quiet zone, as rectangles."""
        size, black_runs = qr.runs(address)
        module = side / size
        self._canvas.setFillColor(white)
        self._canvas.rect(x, y, side, side, stroke=0, fill=1)
        path = self._canvas.beginPath()
        for column, row, length in black_runs:
            height = module * _OVERLAP
            path.rect(
                x + column * module, y + side - row * module - height, length * module, height
            )
        self._canvas.setFillColor(black)
        # Not even-odd, by which the overlaps would be white.
        self._canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


def _names(window: WindowView, width: float, scale: float) -> list[Line]:
    """Name the window, then its unit, each in both languages."""
    lines = [
        Line(window.name, _CHINESE, width, (26 * scale, 14 * scale), rows=3),
        Line(window.name_en, _BOLD, width, (13 * scale, 10 * scale), rows=3, gap=2 * scale),
        Line(window.unit_name, _CHINESE, width, (14 * scale, 11 * scale), rows=2, gap=6 * scale),
        Line(window.unit_name_en, _LATIN, width, (10 * scale, 8 * scale), rows=2),
    ]
    return [line for line in lines if line.rows]


def _foot(poster: Poster, width: float, scale: float) -> list[Line]:
    """Say what the symbol is for, where it leads, and which printing this is."""
    return [
        Line(poster.scan, _CHINESE, width, (14 * scale, 9 * scale)),
        Line(poster.scan_en, _LATIN, width, (10 * scale, 7 * scale)),
        *_typed(poster, width, 13 * scale),
        Line(
            f"{poster.printing} · {poster.printing_en}",
            _CHINESE,
            width,
            (9 * scale, 7 * scale),
            gap=2 * scale,
        ),
    ]


def _typed(poster: Poster, width: float, size: float) -> list[Line]:
    """Give the address to type: in one row, else domain and code each in their own."""
    whole = Line(f"{poster.clear}{poster.window.code}", _TYPED, width, (size, size * 0.8))
    if len(whole.rows) == 1:
        return [whole]
    parts = (poster.clear, str(poster.window.code))
    return [Line(part, _TYPED, width, (size, size * 0.5)) for part in parts]
