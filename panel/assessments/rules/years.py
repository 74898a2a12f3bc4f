"""The life of a year: a formula fixed before it began, frozen figures, shown, heard, final."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from panel.assessments.types import FIGURE_COLUMNS as COLUMNS
from panel.assessments.types import (
    LineView,
    MarkChange,
    NewFigures,
    YearState,
    YearView,
)
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code
from panel.roster.rules.tables import fault, read_table, refuse_faults
from panel.roster.types import SheetRow
from panel.rulebook.types import Rulebook, RulebookVersion
from panel.workdays import SHANGHAI, deadline

_MOST: Final = 9_999_999
_FULL: Final = 10_000
_LINE: Final = 200
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2200
FIELDS: Final = (
    "unit", "closed", "on_time", "asked", "satisfied", "survey", "survey_issued",
    "survey_returned", "survey_valid", "source",
)  # fmt: skip


def is_year(number: int) -> bool:
    """Tell whether a number can be a year of ours."""
    return _FIRST_YEAR <= number <= _LAST_YEAR


def in_force(versions: Iterable[RulebookVersion], year: int) -> RulebookVersion | None:
    """Return the measures that were in force when a year began here."""
    start = datetime(year, 1, 1, tzinfo=SHANGHAI)
    known = [
        each for each in versions if each.approved_at is not None and each.approved_at <= start
    ]
    return max(known, key=lambda each: each.approved_at or start, default=None)


def chosen(
    versions: Sequence[RulebookVersion], year: int, wanted: Code | None, decision: str
) -> tuple[RulebookVersion, bool]:
    """Return the measures of a year and whether they were fixed late, which takes a decision."""
    if not is_year(year):
        raise Invalid("form.faults", Fault("year", "assessment.no_year"))
    right = in_force(versions, year)
    public = [each for each in versions if each.public]
    found = next((each for each in public if each.code == wanted), None) if wanted else right
    if found is None and not wanted:
        found = max(public, key=lambda each: each.id, default=None)
    if found is None:
        raise Conflict("assessment.no_measures")
    late = right is None or found.code != right.code
    if late and not decision.strip():
        raise Invalid("form.faults", Fault("decision", "assessment.late_formula"))
    if len(decision) > _LINE:
        raise Invalid("form.faults", Fault("decision", "form.too_long", {"most": _LINE}))
    return found, late


def check_figures(new: NewFigures) -> None:
    """Refuse figures that can't be, or that have no source."""
    faults = list(_wrong(new))
    if faults:
        raise Invalid("figures.faults", *faults)


def _wrong(new: NewFigures) -> Iterator[Fault]:
    if not new.source.strip():
        yield Fault("source", "form.required")
    elif len(new.source) > _LINE:
        yield Fault("source", "form.too_long", {"most": _LINE})
    for name in FIELDS[1:-1]:
        value = getattr(new, name)
        if value is not None and not 0 <= value <= _MOST:
            yield Fault(name, "count.range")
    for part, whole in (
        ("on_time", "closed"),
        ("satisfied", "asked"),
        ("survey_returned", "survey_issued"),
        ("survey_valid", "survey_returned"),
    ):
        few, many = getattr(new, part), getattr(new, whole)
        if few is not None and many is not None and few > many:
            yield Fault(part, "figures.more_than_whole")
    for part, whole in (("on_time", "closed"), ("satisfied", "asked")):
        if (getattr(new, part) is None) != (getattr(new, whole) is None):
            yield Fault(part, "figures.pair")
    if new.survey is not None and new.survey > _FULL:
        yield Fault("survey", "rulebook.score_range")


def read_figures(data: bytes, filename: str, units: dict[str, Code]) -> list[NewFigures]:
    """Read a table of figures; refuses it whole with every fault by row and column."""
    found: list[Fault] = []
    sheet = read_table(
        data, filename, COLUMNS, required=(COLUMNS[0], COLUMNS[-1]), unique=COLUMNS[0], faults=found
    )
    figures = [each for row in sheet.rows if (each := _figures(row, units, found)) is not None]
    refuse_faults(found)
    return figures


def _figures(row: SheetRow, units: dict[str, Code], found: list[Fault]) -> NewFigures | None:
    unit = units.get(row.cells.get(COLUMNS[0], ""))
    if unit is None:
        if row.cells.get(COLUMNS[0]):
            found.append(fault(row.number, COLUMNS[0], "count.unit_unknown"))
        return None
    values = {
        name: _cell(row, title, name, found)
        for name, title in zip(FIELDS[1:-1], COLUMNS[1:-1], strict=True)
    }
    new = NewFigures(unit=unit, source=row.cells.get(COLUMNS[-1], ""), **values)
    titles = dict(zip(FIELDS, COLUMNS, strict=True))
    found.extend(fault(row.number, titles[each.path], each.code) for each in _wrong(new))
    return new


def _cell(row: SheetRow, title: str, name: str, found: list[Fault]) -> int | None:
    """Read a whole number, or a score with up to two decimals in hundredths."""
    text = row.cells.get(title, "").replace(",", "")
    if not text:
        return None
    whole, _, rest = text.partition(".")
    survey = name == "survey"
    if whole.isdecimal() and len(whole) < len(str(_MOST)) and (not rest or survey):
        if not rest:
            return int(whole) * (100 if survey else 1)
        if rest.isdecimal() and len(rest) <= 2:  # noqa: PLR2004 - hundredths
            return int(whole) * 100 + int(rest.ljust(2, "0"))
    found.append(fault(row.number, title, "rulebook.decimal" if survey else "form.integer"))
    return None


def may_enter(view: YearView | None) -> None:
    """Refuse figures of a year that is frozen; before a year is begun they may come in."""
    if view is not None and view.state is not YearState.OPEN:
        raise Conflict("assessment.frozen")


def require(view: YearView, state: YearState) -> None:
    """Refuse a step that is not the next one."""
    if view.state is not state:
        raise Conflict("assessment.state", state=view.state.value)


def may_finalise(lines: Sequence[LineView], pending: Sequence[str], at: datetime) -> None:
    """Refuse to end a year before every unit could appeal and every appeal is settled."""
    if pending:
        raise Conflict("assessment.appeals_open", n=len(pending))
    waiting = sum(line.appeal_until is None or at <= line.appeal_until for line in lines)
    if waiting:
        raise Conflict("assessment.clock_running", n=waiting)


def may_amend(view: YearView) -> None:
    """Refuse to compute again what nobody was shown yet."""
    if view.state not in {YearState.EXPLAINED, YearState.FINAL, YearState.EXPORTED}:
        raise Conflict("assessment.state", state=view.state.value)


def may_receive(line: LineView, view: YearView) -> None:
    """Refuse a receipt of a line that was not delivered, or was received before."""
    if view.state is YearState.OPEN or line.explained_at is None:
        raise Conflict("assessment.not_explained")
    if line.received_at is not None:
        raise Conflict("assessment.received")


def may_appeal(line: LineView, view: YearView, at: datetime) -> None:
    """Refuse an appeal outside of the period that runs from the delivery of the line."""
    if view.state is not YearState.EXPLAINED or line.appeal_until is None:
        raise Conflict("assessment.not_explained")
    if at > line.appeal_until:
        raise Conflict("assessment.appeal_over")


def appeal_until(received: datetime | None, told: datetime, book: Rulebook) -> datetime:
    """Return until when a unit may appeal: from its receipt, else from the counted delivery."""
    start = received
    if start is None:
        limit = book.deadline("delivery")
        start = deadline(told, limit.amount, limit.unit, book.calendar)
    limit = book.deadline("appeal")
    return deadline(start, limit.amount, limit.unit, book.calendar)


def changes(before: dict[Code, int | None], after: dict[Code, int | None]) -> list[MarkChange]:
    """Return whose mark differs between two versions, in the order of the later one."""
    return [
        MarkChange(unit, before.get(unit), total)
        for unit, total in after.items()
        if unit not in before or before[unit] != total
    ]
