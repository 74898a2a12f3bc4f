"""Batches of results for units: no figure, and no difference of figures, from too few visitors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.rules.texts import HIDDEN, masked, unchecked
from panel.evaluations.types import Answers, Share
from panel.evaluations.types.releases import Cell, CommentView, Leaf, Span
from panel.rulebook.types import Form
from panel.score import hundredths, mean_hundredths
from panel.workdays import SHANGHAI

_FULL: Final = 4
_QUARTER: Final = 3
_LONGEST: Final = 300
_RUN: Final = 10
"""Signs in a row that a wording may share with the original."""
_DAYS: Final = 62
"""Within so many days there is a release day, whatever days of the month were chosen."""

Sheets = frozenset[int]


def sections(form: Form, values: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return the score of each section of a sheet that answered any of it, in hundredths."""
    found = []
    for section in form.sections:
        got = [(item.weight, values[item.id]) for item in section.items if item.id in values]
        whole = sum(_FULL * weight for weight, _ in got)
        if whole:
            reached = sum(weight * value for weight, value in got)
            found.append((section.id, hundredths(100 * reached, whole)))
    return tuple(found)


def quarter(month: date) -> date:
    """Return the first day of the quarter that a month belongs to."""
    return month.replace(month=month.month - (month.month - 1) % _QUARTER)


def batch(leaves: Sequence[Leaf], told: Sequence[Sheets], minimum: int) -> list[Cell]:
    """Return the cells that may be told now: months, else quarters, else the unit above.

    No sheet is told twice. Beside what was told and what rankings tell after each round, every part
    that could be found by taking figures from each other rests on as many visitors as a cell.
    """
    known = frozenset().union(*told)
    book = _Book(leaves, [*told, *_rounds(leaves, minimum)], minimum)
    cells: list[Cell] = []
    left: dict[tuple[int, date, str], list[Leaf]] = defaultdict(list)
    for (unit, begin, _), group in _grouped([leaf for leaf in leaves if leaf.sheet not in known]):
        found = _cells(unit, begin, group, book)
        cells += found
        if not found:
            above = group[0].parent if group[0].parent is not None else unit
            left[above, begin, group[0].form] += group
    for (unit, begin, _), group in sorted(left.items()):
        if {leaf.unit for leaf in group} != {unit} and book.take(group):
            cells.append(_cell(unit, Span.QUARTER, begin, group, whole=True))
    return cells


def _grouped(leaves: Iterable[Leaf]) -> list[tuple[tuple[int, date, str], list[Leaf]]]:
    found: dict[tuple[int, date, str], list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        found[leaf.unit, quarter(leaf.month), leaf.form].append(leaf)
    return sorted(found.items())


def _cells(unit: int, begin: date, group: list[Leaf], book: _Book) -> list[Cell]:
    """Tell a quarter by its months if each of them may be told, else as a whole, else not."""
    months: dict[date, list[Leaf]] = defaultdict(list)
    for leaf in group:
        months[leaf.month].append(leaf)
    parts = [part for _, part in sorted(months.items())]
    if book.take(*parts):
        return [_cell(unit, Span.MONTH, part[0].month, part) for part in parts]
    return [_cell(unit, Span.QUARTER, begin, group)] if book.take(group) else []


def _rounds(leaves: Sequence[Leaf], minimum: int) -> list[Sheets]:
    """Return the sheets behind each figure that a ranking may tell: of a unit, of a window.

    A round may count alone, or the whole year up to it: then a figure grows from round to round.
    """
    found: dict[tuple[int, int, int | None], dict[int, list[Leaf]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for leaf in leaves:
        found[leaf.month.year, leaf.unit, None][leaf.round].append(leaf)
        if leaf.window is not None:
            found[leaf.month.year, leaf.unit, leaf.window][leaf.round].append(leaf)
    figures = []
    for rounds in found.values():
        group: list[Leaf] = []
        for _, own in sorted(rounds.items()):
            group += own
            figures += [
                frozenset(leaf.sheet for leaf in each)
                for each in (own, group)
                if len({leaf.person for leaf in each}) >= minimum
            ]
    return figures


class _Book:
    """What can be found from all figures together; grows with each cell that is told."""

    def __init__(self, leaves: Sequence[Leaf], figures: Iterable[Sheets], minimum: int) -> None:
        """Begin with the figures that are known already."""
        self._people = {leaf.sheet: leaf.person for leaf in leaves}
        self._figures = list(figures)
        self._minimum = minimum

    def take(self, *parts: Sequence[Leaf]) -> bool:
        """Add figures if nothing can be found from them that rests on too few; tell whether.

        What could be found already from all that rankings may tell is not asked again. But rankings
        hide what is too small: so a figure, and what sets it apart from another, stands by itself.
        """
        new = [frozenset(leaf.sheet for leaf in part) for part in parts]
        touched = frozenset().union(*new)
        old = [each for each in self._figures if each & touched]
        found = _pieces([*old, *new]) - _pieces(old)
        apart = {part for one in new for other in old for part in (one - other, other - one)}
        common = {one & other for one in new for other in old}
        if any(
            self._visitors(each) < self._minimum for each in {*found, *new, *apart, *common} if each
        ):
            return False
        self._figures += new
        return True

    def _visitors(self, piece: Sheets) -> int:
        """Count the visitors of a piece; a sheet that no longer counts is nobody's."""
        return len({self._people[sheet] for sheet in piece if sheet in self._people})


def _pieces(figures: Sequence[Sheets]) -> frozenset[Sheets]:
    """Return the smallest sets of sheets that can be found by taking figures from each other."""
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for sheet in frozenset().union(*figures):
        found[tuple(n for n, each in enumerate(figures) if sheet in each)].add(sheet)
    return frozenset(frozenset(each) for each in found.values())


def _cell(
    unit: int, span: Span, since: date, group: Sequence[Leaf], *, whole: bool = False
) -> Cell:
    """Return the means of a group of sheets; a section stands only where every sheet has it."""
    parts: dict[str, list[int]] = defaultdict(list)
    for leaf in group:
        for key, value in leaf.sections:
            parts[key].append(value)
    months = 0 if span is Span.MONTH else _QUARTER - 1
    return Cell(
        unit=unit,
        whole=whole,
        span=span,
        since=since,
        until=since.replace(month=since.month + months),
        form=group[0].form,
        sheets=tuple(sorted(leaf.sheet for leaf in group)),
        visitors=len({leaf.person for leaf in group}),
        score=mean_hundredths(sum(leaf.score for leaf in group), len(group)),
        sections=tuple(
            (key, mean_hundredths(sum(values), len(values)))
            for key, values in parts.items()
            if len(values) == len(group)
        ),
    )


def comments(answers: Answers) -> list[str]:
    """Return the texts of a sheet that may be told in other words; none if its visitor waits."""
    if answers.share is Share.WAIT:
        return []
    return [text for text in (answers.good, *answers.reasons.values()) if text.strip()]


def suggestion(original: str) -> str:
    """Return a comment with everything left out that the patterns found, to begin with."""
    return masked(original, ())


def may_screen(view: CommentView, text: str, *, sure: bool) -> None:
    """Refuse a wording that is empty, long, the visitor's own, or still tells what it should not.

    What the patterns find may stay only if the person says to have looked at it.
    """
    plain = "".join(text.split())
    if not plain:
        raise Invalid("comment.faults", Fault("text", "form.required"))
    if len(text) > _LONGEST:
        raise Invalid("comment.faults", Fault("text", "form.too_long", {"most": _LONGEST}))
    if _repeats(plain, "".join(view.original.split())):
        raise Invalid("comment.faults", Fault("text", "comment.verbatim"))
    hits = unchecked(text, ())
    if hits and not sure:
        found = "、".join(hit.text for hit in hits)
        raise Invalid("comment.faults", Fault("text", "comment.tells", {"found": found}))


def _repeats(text: str, original: str) -> bool:
    """Tell whether a wording is the original, or a long piece of it, or what is left of it."""
    pieces = (text[n : n + _RUN] for n in range(len(text) - _RUN + 1))
    return text == original or HIDDEN in text or any(piece in original for piece in pieces)


def may_release(made_by: int, person: int | None, *, waiting: int, stale: bool) -> None:
    """Refuse a batch by its own maker, with comments nobody decided, or of sheets that changed."""
    if person is None or person == made_by:
        raise Forbidden("approval.same_person")
    if waiting:
        raise Conflict("release.comments_wait", n=waiting)
    if stale:
        raise Conflict("release.stale")


def visible_from(days: Sequence[int], at: datetime) -> datetime:
    """Return the midnight of the next release day, today's if today is one."""
    today = at.astimezone(SHANGHAI).date()
    ahead = (today + timedelta(days=number) for number in range(_DAYS))
    first = next((day for day in ahead if day.day in days), today)
    return datetime.combine(first, time(), SHANGHAI)
