"""What a year would have been under another formula; nothing is stored."""

from __future__ import annotations

from datetime import datetime

from panel.assessments.queries.inputs import gathered
from panel.assessments.queries.marks import begun, lines
from panel.assessments.rules import formulas
from panel.assessments.types import Mark, Trial, UnitInputs, YearState
from panel.ids import Code
from panel.rulebook.types import Rulebook


async def inputs_of(year: int, *, at: datetime) -> dict[Code, UnitInputs]:
    """Return the year's frozen figures, or those that are there so far."""
    view = await begun(year)
    if view is None or view.state is YearState.OPEN:
        return await gathered(year, at=at)
    return {line.unit_code: line.inputs for line in await lines(year)}


async def whatif(year: int, before: Rulebook, after: Rulebook, *, at: datetime) -> list[Trial]:
    """Return every unit's mark and place in its peer group under two formulas, same figures."""
    known = {line.unit_code: line for line in await lines(year)}
    given = {unit: each for unit, each in (await inputs_of(year, at=at)).items() if unit in known}
    groups = {unit: known[unit].group for unit in given}
    first, second = (formulas.marks(given, groups, book) for book in (before, after))
    old: dict[Code, int] = {}
    new: dict[Code, int] = {}
    for group in set(groups.values()):
        own = [unit for unit in given if groups[unit] == group]
        old |= formulas.places({unit: first[unit].total for unit in own})
        new |= formulas.places({unit: second[unit].total for unit in own})
    return [
        Trial(
            unit_code=unit,
            unit_name=known[unit].unit_name,
            unit_name_en=known[unit].unit_name_en,
            group=groups[unit],
            before=first[unit].total,
            after=second[unit].total,
            place_before=old.get(unit),
            place_after=new.get(unit),
        )
        for unit in sorted(given, key=lambda unit: (groups[unit], new.get(unit, 2**31)))
    ]


def empty_mark(book: Rulebook) -> Mark:
    """Return a mark of which nothing is known yet: the components of a formula and their shares."""
    return formulas.combine({}, book.assessment)
