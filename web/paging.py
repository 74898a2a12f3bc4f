"""Pages of long lists: each begins beside the key of a row, so none costs more than another."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

import msgspec

from web.pages import Request

T = TypeVar("T")
_KEY: Final = re.compile(r"0*[1-9A-Z][0-9A-Z]{0,9}")
_LAST: Final = 2**31 - 1
"""The highest number that a row can have."""


class Turn(msgspec.Struct, frozen=True):
    """Which rows of a list to read: the first after a key, or the last before one."""

    limit: int
    after: str = ""
    before: str = ""

    @property
    def ids(self) -> tuple[int, int]:
        """Return both keys as numbers of rows, 0 where there is none."""
        return _number(self.after), _number(self.before)


class Paged(msgspec.Struct, Generic[T]):
    """Some rows of a list, its number for the reader, and the ways to the pages beside it."""

    rows: Sequence[T]
    number: int
    previous: str | None
    following: str | None


def _number(key: str) -> int:
    return min(int(key), _LAST) if key.isdecimal() else 0


async def paged(
    request: Request,
    read: Callable[[Turn], Awaitable[Sequence[T]]],
    key: Callable[[T], object],
    size: int,
    more: str = "",
) -> Paged[T]:
    """Return the page that an address asks for; ``more`` is what its links have besides.

    Whoever goes back to where fewer rows are left than make a page gets the first one.
    """
    after, before = (_asked(request, name) for name in ("after", "before"))
    number = max(2, request.number("page")) if after or before else 1
    if before:
        found = await read(Turn(size + 1, before=before))
        if len(found) > size:  # pages before this one
            rows = found[-size:]
            return Paged(
                rows,
                number,
                _link("before", key(rows[0]), number - 1, more),
                _link("after", key(rows[-1]), number + 1, more),
            )
        after, number = "", 1
    found = await read(Turn(size + 1, after=after))
    rows = found[:size]
    back = key(rows[0]) if rows else after
    return Paged(
        rows,
        number,
        _link("before", back, number - 1, more) if after else None,
        _link("after", key(rows[-1]), number + 1, more) if len(found) > size else None,
    )


def _asked(request: Request, name: str) -> str:
    given = request.query_params.get(name, "")
    return given if _KEY.fullmatch(given) else ""


def _link(side: str, key: object, number: int, more: str) -> str:
    return f"?{side}={key}&page={number}{more}"
