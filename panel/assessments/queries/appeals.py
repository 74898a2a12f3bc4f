"""Appeals against lines; each version of a line may be appealed against once."""

from __future__ import annotations

from collections.abc import Sequence

from panel.assessments.types import LineView
from panel.rankings.queries import appeals
from panel.rankings.types import AppealKind, AppealView


def subject(line: LineView) -> str:
    """Return what an appeal against a line names."""
    return line.code if line.version == 1 else f"{line.code}-{line.version}"


async def appeals_of_line(line: LineView) -> list[AppealView]:
    """Return the appeals against a line in all its versions."""
    found = await appeals.appeals_of_unit(line.unit_code)
    return [
        each
        for each in found
        if each.kind is AppealKind.ASSESSMENT and each.subject.partition("-")[0] == line.code
    ]


async def open_appeals(lines: Sequence[LineView]) -> list[str]:
    """Return the codes of appeals against some lines that are not settled."""
    codes = {line.code for line in lines}
    return [
        each.code
        for each in await appeals.appeals()
        if each.kind is AppealKind.ASSESSMENT
        and each.subject.partition("-")[0] in codes
        and not each.settled
    ]
