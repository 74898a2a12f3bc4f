"""Why a line has its score and place: steps that add up, places that remain possible, the past."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from panel.rankings.types import Kind, ListView, Row
from web import pictures
from web.i18n import Lang, gettext
from web.pictures import points
from web.standings.board import Board, Past
from web.standings.funnels import funnel
from web.standings.lines import ALONE, Around, rank_row, standing_key
from web.standings.lists import runs
from web.standings.names import called, group_name

_NEAR: Final = 3
"""Neighbours shown on either side, besides those who can't be told apart."""
_MOST: Final = 12
"""Neighbours shown at most on either side."""


def why(row: Row, one: ListView, board: Board) -> dict[str, Any]:
    """Return everything that explains one line, each picture with the numbers of its table."""
    unit = one.kind is Kind.UNIT
    found = {
        **_story(row, one, board.lang),
        **_places(row, one, board),
        "funnel": funnel(one, row, board.lang, board.around) if unit else "",
        "neighbours": _neighbours(row, one, board),
        "trend": trend(row, one, board),
    }
    return {"why": found}


def _story(row: Row, one: ListView, lang: Lang) -> dict[str, Any]:
    """Return the steps from the mean of all sheets to the score."""
    if not row.story or row.score is None:
        return {"stairs": "", "steps": []}
    say = partial(gettext, lang)
    way = [each for each in row.story if each.points or _matters(each.key, one)]
    if len(way) == 1:
        return {"stairs": "", "steps": []}
    first, *rest = way
    start = pictures.Step(say(f"story.{first.key}"), first.points)
    steps = [pictures.Step(say(f"story.{each.key}"), each.points) for each in rest]
    end = pictures.Step(say("Score"), row.score)
    told = [
        {
            "name": say(f"story.{each.key}"),
            "points": points(each.points, signed=bool(each.points) and number > 0),
            "told": say(f"story.{each.key}.{_way(each.points) if number else 'told'}"),
        }
        for number, each in enumerate(way)
    ]
    return {"stairs": pictures.staircase(start, steps, end, say), "steps": told}


def _matters(key: str, one: ListView) -> bool:
    """Tell whether a step of nothing says something: a single window has no others to weigh."""
    return key == "mean" or (
        key != "rounding" and not (key == "windows" and one.kind is Kind.WINDOW)
    )


def _way(amount: int) -> str:
    return "up" if amount > 0 else "down" if amount < 0 else "none"


def _places(row: Row, one: ListView, board: Board) -> dict[str, Any]:
    """Return the places that remain possible, and those by other methods."""
    say, around = board.say, board.around
    withheld = row.code in around.appealed
    ranges: list[pictures.Range] = []
    told: list[str] = []
    if not withheld:
        own = None if standing_key(row, around) else row.place
        for key, best, worst in (
            ("possible.range", row.rank_low, row.rank_high),
            ("possible.set", row.set_low, row.set_high),
            ("possible.without", row.without_low, row.without_high),
        ):
            if best is not None and worst is not None:
                ranges.append(pictures.Range(say(key), best, worst, own))
                told.append(say(f"{key}.told"))
    methods = _methods(row, one, board.lang, standing_key(row, around), withheld=withheld)
    elsewhere = [
        pictures.Range(str(each["name"]), each["place"], each["place"])
        for each in methods[1:]
        if each["place"] is not None and ranges
    ]
    cuts = (one.list_size, one.list_size)
    title = say("Places that remain possible")
    drawn = pictures.places([*ranges, *elsewhere], one.ranked, cuts, title, say) if ranges else ""
    return {
        "ranges": [
            {"name": each.name, "best": each.best, "worst": each.worst, "told": text}
            for each, text in zip(ranges, told, strict=True)
        ],
        "others": methods,
        "places": drawn,
        "chance": None if withheld else _chance(row),
    }


def _methods(
    row: Row, one: ListView, lang: Lang, key: str, *, withheld: bool
) -> list[dict[str, Any]]:
    """Return score and place by each method, the one that counts first; nothing if it is alone."""
    others = [(each.method, each.score, each.place) for each in row.others]
    found = [(one.method, row.score, row.place)]
    found += [each for each in others if each[0] is not one.method]
    if len(found) == 1:
        return []
    return [
        {
            "name": gettext(lang, f"method.{method.value}"),
            "score": score,
            "place": None if withheld else place,
            "standing": key if method is one.method else "",
        }
        for method, score, place in found
    ]


def _chance(row: Row) -> dict[str, Any] | None:
    """Return how probable it is that a line truly is one of the first or last."""
    last = (row.chance_bottom or 0) > (row.chance_top or 0)
    chance = row.chance_bottom if last else row.chance_top
    if not chance:
        return None
    return {"last": last, "percent": (chance + 50) // 100}


def _neighbours(row: Row, one: ListView, board: Board) -> dict[str, Any] | None:
    """Return the lines next to this one, those who can't be told apart joined."""
    placed = board.placed(one)
    at = placed.at.get(row.code)
    if at is None or row.code in board.around.appealed:
        return None
    low, high = max(at - _NEAR, 0), min(at + _NEAR + 1, len(placed.rows))
    first, last = placed.bands[row.band] if row.band else (at, at)
    low = max(min(low, first), at - _MOST)
    high = min(max(high, last + 1), at + _MOST + 1)
    if high - low < 2:  # noqa: PLR2004 - nobody beside it
        return None
    return {
        "runs": runs([board.line(each, one) for each in placed.rows[low:high]]),
        "alike": last - first,
        "axis": board.axis(one),
        "units": one.kind is Kind.UNIT,
    }


def trend(row: Row, one: ListView, board: Board) -> list[dict[str, Any]]:
    """Return this line in earlier periods, each with its group and what changed since then."""
    past = board.past.get((one.kind, row.code), [])
    if not past or row.score is None:
        return []
    drawn = [rank_row(each, board.lang) for each in (row, *(each.row for each in past))]
    drawn_on = pictures.scale_of(drawn, board.gate)
    found = [{**_moment(row, one, board, board.around), "title": board.say("This period")}]
    found += [
        {
            **_moment(each.row, each.one, board, ALONE),
            "title": called(each.period.title, each.period.title_en, board.lang),
            "change": _change(row, one, each, board),
        }
        for each in past
    ]
    axis = pictures.axis_strip(drawn_on, board.say, board.gate)
    return [
        {
            "change": "",
            **moment,
            "axis": axis,
            "strip": pictures.dot_strip(strip, drawn_on, board.say, board.gate),
        }
        for moment, strip in zip(found, drawn, strict=True)
    ]


def _moment(row: Row, one: ListView, board: Board, around: Around) -> dict[str, Any]:
    key = standing_key(row, around)
    return {
        "standing": key,
        "place": None if key else row.place,
        "ranked": one.ranked,
        "group": group_name(board.rulebook, one.scope, board.lang),
        "score": row.score,
    }


def _change(row: Row, one: ListView, past: Past, board: Board) -> str:
    """Say how far a line rose or fell since an earlier period; places within one group only."""
    old = past.row
    gained = points((row.score or 0) - (old.score or 0), signed=True)
    said = [board.say("{points} points", points=gained)]
    numbered = not standing_key(row, board.around) and not standing_key(old)
    if numbered and one.scope == past.one.scope and row.place and old.place:
        rise = old.place - row.place
        key = "{n} places up" if rise > 0 else "{n} places down" if rise < 0 else "same place"
        said.insert(0, board.say(key, n=abs(rise)))
    return ("，" if board.lang == "zh" else ", ").join(said)
