"""What stands on a poster, and the worker's file of many: drawn piece by piece, told how far."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from panel.ids import Code
from panel.roster.commands import posters as commands
from panel.roster.queries import posters as queries
from panel.roster.types import PosterSize, WindowView
from panel.settings import Settings
from web.i18n import gettext

PDF: Final = "application/pdf"
_PIECE: Final = 20
"""Posters between two looks whether somebody still wants the file: a fraction of a second."""


class Poster(msgspec.Struct, frozen=True):
    """One poster: the symbol's address, what is to be read beside it in both languages."""

    window: WindowView
    address: str
    clear: str
    """The address without its scheme and code, as people type it."""
    scan: str
    scan_en: str
    printing: str
    printing_en: str


def poster(base: str, window: WindowView) -> Poster:
    """Gather what stands on one poster, in both languages whoever prints it."""
    scan = "Scan to see what this window promises and how it is rated"
    return Poster(
        window=window,
        address=f"{base}/w/{window.code}",
        clear=f"{urlsplit(base).netloc}/w/",
        scan=gettext("zh", scan),
        scan_en=gettext("en", scan),
        printing=gettext("zh", "Printing no. {n}", n=window.printing),
        printing_en=gettext("en", "Printing no. {n}", n=window.printing),
    )


async def draw(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Draw a file of posters: the job; one that a stopped worker left begins anew."""
    run = await queries.run(Code(payload["run"]))
    if not run.running:
        return
    windows = await queries.windows(run.windows)
    wanted = [poster(settings.base_url, window) for window in windows]
    book = await asyncio.to_thread(_book, run.size)
    for start in range(0, len(wanted), _PIECE):
        if not await commands.advance(run, start):
            return
        await asyncio.to_thread(book.add, wanted[start : start + _PIECE])
    data = await asyncio.to_thread(book.close)
    await commands.finish(run, data, windows, at=at)


def _book(size: PosterSize) -> Any:
    """Open a file; its library is loaded by the first job that wants it, not at the start."""
    from web.printing import Book

    return Book(size)
