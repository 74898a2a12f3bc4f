"""Why a line has its score and place: steps that add up, places that remain possible, the past."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from panel.rankings.types import Kind, ListView, Row
from panel.rulebook.types import Rulebook
from web import pictures
from web.i18n import Lang, gettext
from web.pictures import points
from web.standings.funnels import funnel
from web.standings.lines import ALONE, Around, rank_row, scale, standing_key
from web.standings.lists import line, runs
from web.standings.names import called, group_name

_NEAR: Final = 3
"""Neighbours shown on either side, besides those who can't be told apart."""
_MOST: Final = 12
"""Neighbours shown at most on either side."""


def why(
    row: Row, one: ListView, rulebook: Rulebook, lang: Lang, around: Around = ALONE
) -> dict[str, Any]:
    """Return everything that explains one line, each picture with the numbers of its table."""
    found = {
        **_story(row, lang),
        **_places(row, one, lang, around),
        "funnel": funnel(one, row, lang, around) if one.kind is Kind.UNIT else "",
        "neighbours": _neighbours(row, one, rulebook, lang, around),
        "trend": trend(row, one, rulebook, lang, around),
    }
    return {"why": found}


def _story(row: Row, lang: Lang) -> dict[str, Any]:
    """Return the steps from the mean of all sheets to the score."""
    if not row.story or row.score is None:
        return {"stairs": "", "steps": []}
    say = partial(gettext, lang)
    first, *rest = row.story
    start = pictures.Step(say(f"story.{first.key}"), first.points)
    steps = [pictures.Step(say(f"story.{each.key}"), each.points) for each in rest]
    end = pictures.Step(say("Score"), row.score)
    told = [
        {
            "name": say(f"story.{each.key}"),
            "points": points(each.points, signed=bool(each.points) and number > 0),
            "told": say(f"story.{each.key}.{_way(each.points) if number else 'told'}"),
        }
        for number, each in enumerate(row.story)
    ]
    return {"stairs": pictures.staircase(start, steps, end, say), "steps": told}


def _way(amount: int) -> str:
    return "up" if amount > 0 else "down" if amount < 0 else "none"


def _places(row: Row, one: ListView, lang: Lang, around: Around) -> dict[str, Any]:
    """Return the places that remain possible, and those by other methods."""
    say = partial(gettext, lang)
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
    methods = _methods(row, one, lang, standing_key(row, around), withheld=withheld)
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


def _neighbours(
    row: Row, one: ListView, rulebook: Rulebook, lang: Lang, around: Around
) -> dict[str, Any] | None:
    """Return the lines next to this one, those who can't be told apart joined."""
    rows = [each for each in one.rows if each.place is not None]
    at = next((n for n, each in enumerate(rows) if each.code == row.code), None)
    if at is None or row.code in around.appealed:
        return None
    low, high = max(at - _NEAR, 0), min(at + _NEAR + 1, len(rows))
    alike = [n for n, each in enumerate(rows) if row.band and each.band == row.band]
    if alike:
        low = max(min(low, alike[0]), at - _MOST)
        high = min(max(high, alike[-1] + 1), at + _MOST + 1)
    if high - low < 2:  # noqa: PLR2004 - nobody beside it
        return None
    gate = rulebook.ranking.gate_hundredths
    drawn_on = scale(one, gate)
    return {
        "runs": runs([line(each, lang, drawn_on, gate, around) for each in rows[low:high]]),
        "alike": max(len(alike) - 1, 0),
        "axis": pictures.axis_strip(drawn_on, partial(gettext, lang), gate),
        "units": one.kind is Kind.UNIT,
    }


def trend(
    row: Row, one: ListView, rulebook: Rulebook, lang: Lang, around: Around
) -> list[dict[str, Any]]:
    """Return this line in earlier periods, each with its group and what changed since then."""
    past = [
        (period, each, old)
        for period in around.earlier
        for each in period.lists
        if each.kind is one.kind
        for old in each.rows
        if old.code == row.code and old.score is not None
    ]
    if not past or row.score is None:
        return []
    gate = rulebook.ranking.gate_hundredths
    drawn = [rank_row(each, lang) for each in (row, *(old for _, _, old in past))]
    drawn_on = pictures.scale_of(drawn, gate)
    say = partial(gettext, lang)
    now = _moment(row, one, rulebook, lang, around)
    found = [{**now, "title": say("This period"), "change": ""}]
    for period, each, old in past:
        found.append(
            {
                **_moment(old, each, rulebook, lang, ALONE),
                "title": called(period.title, period.title_en, lang),
                "change": _change(row, one, old, each, lang=lang, around=around),
            }
        )
    for moment, strip in zip(found, drawn, strict=True):
        moment["strip"] = pictures.dot_strip(strip, drawn_on, say, gate)
    return [{**found[0], "axis": pictures.axis_strip(drawn_on, say, gate)}, *found[1:]]


def _moment(
    row: Row, one: ListView, rulebook: Rulebook, lang: Lang, around: Around
) -> dict[str, Any]:
    key = standing_key(row, around)
    return {
        "standing": key,
        "place": None if key else row.place,
        "ranked": one.ranked,
        "group": group_name(rulebook, one.scope, lang),
        "score": row.score,
    }


def _change(
    row: Row, one: ListView, old: Row, then: ListView, *, lang: Lang, around: Around
) -> str:
    """Say how far a line rose or fell since an earlier period; places within one group only."""
    gained = points((row.score or 0) - (old.score or 0), signed=True)
    said = [gettext(lang, "{points} points", points=gained)]
    numbered = not standing_key(row, around) and not standing_key(old)
    if numbered and one.scope == then.scope and row.place and old.place:
        rise = old.place - row.place
        key = "{n} places up" if rise > 0 else "{n} places down" if rise < 0 else "same place"
        said.insert(0, gettext(lang, key, n=abs(rise)))
    return ("，" if lang == "zh" else ", ").join(said)
