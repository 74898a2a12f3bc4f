"""The lines of a ledger in the reader's words, for the office and for the unit itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from babel.dates import format_date

from panel.reports.types import LedgerKind, LedgerLine
from web import i18n
from web.pages import Request


class Entry(msgspec.Struct, frozen=True):
    """One line as it is read."""

    kind: str
    day: str
    text: str
    state: str
    """Key of the chip that tells how far it is; empty where there is none."""
    url: str


_MONTH: Final = "MMM y"


def kinds(lines: Sequence[LedgerLine]) -> list[tuple[str, int]]:
    """Return the kinds of lines that a ledger holds, each with how many."""
    counts = Counter(each.kind for each in lines)
    return [(kind.value, counts[kind]) for kind in LedgerKind if counts[kind]]


def entries(
    request: Request, lines: Sequence[LedgerLine], links: Mapping[LedgerKind, str]
) -> list[Entry]:
    """Return the lines in the reader's language with where each leads."""
    return [
        Entry(
            kind=each.kind.value,
            day=_day(request, each),
            text=_text(request, each),
            state=each.state,
            url=_address(request, each, links),
        )
        for each in lines
    ]


def _address(request: Request, line: LedgerLine, links: Mapping[LedgerKind, str]) -> str:
    url = links.get(line.kind, "").replace("{ref}", line.ref).replace("{n}", str(line.number))
    return f"/{request.lang}{url.removeprefix('/zh')}" if url.startswith("/zh/") else url


def _day(request: Request, line: LedgerLine) -> str:
    """Write the day of a line; of results only the month, which is all that a unit learns."""
    if line.kind is not LedgerKind.RESULTS:
        return i18n.date(request.lang, line.at)
    pattern = "y年M月" if request.lang == "zh" else _MONTH
    local = line.at.astimezone(i18n.ZONE).date()
    return str(format_date(local, format=pattern, locale=i18n.LOCALES[request.lang]))


def _text(request: Request, line: LedgerLine) -> str:
    """Write what a line is about."""
    title = line.title_en if request.lang == "en" and line.title_en else line.title
    if line.kind is LedgerKind.RANKING:
        return _place(request, line, title)
    if line.kind is LedgerKind.FINDING:
        grade = request.text(f"finding.severity.{line.number}") if line.number else ""
        return " · ".join(each for each in (title, grade) if each)
    sentence = _SENTENCES.get(line.kind)
    if sentence is None or line.number is None:
        return title
    number = (
        str(line.number) if line.kind is LedgerKind.MARK else i18n.number(request.lang, line.number)
    )
    return request.text(sentence, title=title, n=number, score=i18n.score(line.score))


_SENTENCES: Final = {
    LedgerKind.VISITS: "{title}: {n} visits counted",
    LedgerKind.RESULTS: "{n} visits, {score} points",
    LedgerKind.MARK: "Mark of {n}: {score}",
    LedgerKind.ORDER: "Came back {n} times",
}
"""What the lines say that stand for a number."""


def _place(request: Request, line: LedgerLine, title: str) -> str:
    """Write a unit's place in a ranking, or that it has none."""
    points = i18n.score(line.score)
    if line.place is None:
        return request.text("{title}: no place, {score} points", title=title, score=points)
    return request.text(
        "{title}: place {place} of {ranked}, {score} points",
        title=title, place=line.place, ranked=line.ranked, score=points,
    )  # fmt: skip
