"""Finding a unit or a window: by name, by first letters of its pinyin, by its code, by a photo."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from panel.errors import Fault, Invalid, Missing
from panel.ids import Code, read_code
from panel.roster import queries
from panel.roster.types import UnitView, WindowState, WindowView
from web import errors, forms, images, pinyin
from web.pages import Request, page, redirect
from web.public.rankings import published_page
from web.text.campaigns import both

MOST: Final = 30
"""Lines shown of each kind."""
LONGEST: Final = 60
_READING: Final = asyncio.Semaphore(1)
"""Anybody may send a photo: one is read at a time, so that members' pictures never wait long."""


class Found(msgspec.Struct, frozen=True):
    """What fits what was typed: the best first, and how many there are."""

    units: list[dict[str, Any]]
    windows: list[dict[str, Any]]
    count_units: int
    count_windows: int


@get(both("/find"))
async def find(request: Request) -> Response[Any]:
    """Show what fits the typed name, letters or code; a whole code leads straight on."""
    typed = request.query_params.get("q", "").strip()[:LONGEST]
    code = _whole_code(typed)
    if code is not None:
        target = await _target(request, code)
        if target:
            return redirect(request, target)
    return page(
        request,
        "public/finder/find.html",
        typed=typed,
        found=await _found(request, typed) if typed else None,
        list_page=published_page(request, "names"),
    )


@post(both("/find"), status_code=200)
async def photographed(request: Request) -> Response[Any]:
    """Read the symbol in a photo and lead on to the window; the photo is not kept."""
    form = await forms.fields(request)
    try:
        code = await _symbol(forms.chosen(form, "photo"))
    except Invalid as refusal:
        return page(
            request,
            "public/finder/find.html",
            status=422,
            faults=errors.texts(request, refusal),
            typed="",
            found=None,
            list_page=published_page(request, "names"),
        )
    return redirect(request, _window_page(request, code))


async def _symbol(photo: bytes) -> Code:
    if _READING.locked():
        raise Invalid("form.faults", Fault("photo", "scan.busy"))
    async with _READING:
        return await images.symbol(photo, "photo")


def _whole_code(typed: str) -> Code | None:
    try:
        return read_code(typed.replace("-", ""))
    except Missing:
        return None


def _window_page(request: Request, code: Code) -> str:
    return f"/en/w/{code}" if request.lang == "en" else f"/w/{code}"


async def _target(request: Request, code: Code) -> str | None:
    """Return the page of a window or of a published unit by its code."""
    try:
        return _window_page(request, (await queries.window(code)).code)
    except Missing:
        return published_page(request, f"unit/{code}")


async def _found(request: Request, typed: str) -> Found:
    """Look through all names; no name is read from the session or remembered."""
    units = [
        (rank, each)
        for each in await queries.units()
        if each.active and (rank := rank_of(typed, each.name, each.name_en)) is not None
    ]
    windows = [
        (rank, each)
        for each in await queries.windows()
        if each.state is not WindowState.RETIRED
        and (rank := rank_of(typed, each.name, each.name_en, each.unit_name + each.name))
        is not None
    ]
    units.sort(key=lambda each: each[0])
    windows.sort(key=lambda each: each[0])
    return Found(
        [_unit(request, each) for _, each in units[:MOST]],
        [_window(request, each) for _, each in windows[:MOST]],
        len(units),
        len(windows),
    )


def rank_of(typed: str, *names: str) -> int | None:
    """Return how well names fit what was typed, the lower the better; None where none does."""
    wanted = typed.casefold()
    ranks = [rank for name in names if (rank := _fit(wanted, name)) is not None]
    return min(ranks, default=None)


def _fit(wanted: str, name: str) -> int | None:
    plain = name.casefold()
    if plain == wanted:
        return 0
    if wanted in plain:
        return 1 if plain.startswith(wanted) else 2
    if wanted.isascii() and wanted.isalnum():
        at = pinyin.begins(wanted, name)
        return None if at is None else 3 if at == 0 else 4
    return None


def _unit(request: Request, unit: UnitView) -> dict[str, Any]:
    return {
        "name": (request.lang == "en" and unit.name_en) or unit.name,
        "code": unit.code,
        "url": published_page(request, f"unit/{unit.code}"),
    }


def _window(request: Request, window: WindowView) -> dict[str, Any]:
    english = request.lang == "en"
    return {
        "name": (english and window.name_en) or window.name,
        "unit": (english and window.unit_name_en) or window.unit_name,
        "hall": (english and window.hall_name_en) or window.hall_name,
        "url": _window_page(request, window.code),
    }


handlers: list[Any] = [find, photographed]
