"""What an edition is computed from: gathered from the year's counted sheets, kept sealed."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.evaluations import queries as evaluations
from panel.evaluations.types import SummedCell
from panel.ids import Code, PersonId
from panel.rankings.queries.officers import span
from panel.rankings.types import Cell, Earlier, EditionView, Model, Name, Sealed, Subject, Told
from panel.rankings.types.editions import Change
from panel.roster import queries as roster
from panel.roster.queries import duty
from panel.roster.types import UnitView, WindowView
from panel.rulebook.types import RulebookVersion
from panel.visits import queries as rounds
from panel.visits.types import RoundView
from panel.workdays import year_of

_RATER = 16
"""Characters of a keyed name that stand for a person in the cells of a year."""


def sealed_context(ranking_id: int, number: int) -> str:
    """Return what the ciphertext of an edition's input is bound to."""
    return f"ranking_edition:{ranking_id}:{number}:sealed"


async def undecided(views: Sequence[RoundView]) -> int:
    """Return how many sheets of some rounds nobody has decided on."""
    return sum([await evaluations.undecided(view.id) for view in views])


async def gathered(
    view: RoundView,
    together: Sequence[RoundView],
    version: RulebookVersion,
    number: int,
    *,
    salt: str,
) -> Sealed:
    """Gather cells and who is to be listed, under the codes that the public knows.

    Listed are the peer groups that the round itself visits, with every place of theirs that the
    year's rounds planned.
    """
    units = {unit.id: unit for unit in await roster.units()}
    windows = {window.id: window for window in await roster.windows()}
    groups = {place.peer_group for place in await rounds.frozen_places(view)}
    visited: dict[int, str] = {}
    counters: dict[int, WindowView] = {}
    for each in together:
        for place in await rounds.frozen_places(each):
            if place.peer_group in groups:
                visited[place.unit_id] = place.peer_group
                if place.window_id is not None:
                    counters[place.window_id] = windows[place.window_id]
    book = version.rulebook
    allowed = {group.key for group in book.peer_groups if group.ranked} - {*view.draft.unranked}
    least = book.ranking.window_minimum_staff
    # Where a confirmed duty roster names fewer people than the register, the roster counts.
    served = await duty.rostered_staff(*span(together))
    rolled_up = {
        window.code
        for window in counters.values()
        if min(window.staff, served.get(window.id, window.staff)) < least
    }
    return Sealed(
        salt=salt,
        round=view.code,
        number=number,
        rounds=tuple(each.code for each in together),
        rulebook_hash=version.hash,
        ranking=book.ranking,
        minimum=book.publication.minimum_visitors,
        seed=view.record_hash,
        cells=await _cells(together, units, windows),
        units=tuple(
            Subject(units[each].code, group, group in allowed)
            for each, group in sorted(visited.items())
        ),
        windows=tuple(
            Subject(each.code, visited[each.unit_id], visited[each.unit_id] in allowed)
            for _, each in sorted(counters.items())
            if each.code not in rolled_up
        ),
        names=_names([units[each] for each in visited], [*counters.values()]),
        rolled_up=tuple(sorted(rolled_up)),
        transactions={each.code: each.transactions for each in counters.values()},
        earlier=await _earlier(view),
        told=await _told(together, units, windows),
        keeps_severity=True,
    )


async def _cells(
    together: Sequence[RoundView], units: dict[int, UnitView], windows: dict[int, WindowView]
) -> tuple[Cell, ...]:
    cell_of = await _public(together, units, windows)
    found = await evaluations.cells([view.id for view in together])
    return tuple(sorted(map(cell_of, found), key=_place))


async def _told(
    together: Sequence[RoundView], units: dict[int, UnitView], windows: dict[int, WindowView]
) -> tuple[Told, ...]:
    """Return what units were told in batches of results about visits of these rounds."""
    figures = await evaluations.told_cells([view.id for view in together])
    if not figures:
        return ()
    cell_of = await _public(together, units, windows)
    return tuple(Told(tuple(sorted(map(cell_of, each), key=_place))) for each in figures)


async def _public(
    together: Sequence[RoundView], units: dict[int, UnitView], windows: dict[int, WindowView]
) -> Callable[[SummedCell], Cell]:
    """Return what puts a cell under the codes that the public knows, its rater under a name."""
    year = year_of(together[-1].draft.ends)
    same = await rounds.same_visitors(together, f"rankings {year}")
    codes = {view.id: view.code for view in together}

    def cell_of(cell: SummedCell) -> Cell:
        return Cell(
            unit=units[cell.unit_id].code,
            window=None if cell.window_id is None else windows[cell.window_id].code,
            rater=same.get((cell.round_id, cell.visitor), cell.visitor)[:_RATER],
            n=cell.n,
            total=cell.total,
            squares=cell.squares,
            type=cell.type,
            period=codes[cell.round_id],
        )

    return cell_of


def _place(cell: Cell) -> tuple[str, ...]:
    return (cell.period, cell.unit, cell.window or "", cell.rater, cell.type)


def _names(units: Sequence[UnitView], windows: Sequence[WindowView]) -> dict[str, Name]:
    names = {
        str(unit.code): Name(unit.name, unit.name_en, unit.code, unit.name, unit.name_en)
        for unit in units
    }
    return names | {
        str(each.code): Name(
            each.name, each.name_en, each.unit_code, each.unit_name, each.unit_name_en
        )
        for each in windows
    }


async def _earlier(view: RoundView) -> tuple[Earlier, ...]:
    """Return what the public or its units were told of the same year before, the oldest first."""
    rows = await raw(
        "SELECT p.ranking, p.edition FROM publication p UNION "
        "SELECT d.ranking, d.edition FROM ranking_delivery d ORDER BY 1, 2"
    )
    found: dict[tuple[int, int], Earlier] = {}
    for row in rows:
        key = (row["ranking"], row["edition"])
        if key in found:
            continue
        old = await sealed(*key)
        if year_of((await rounds.round(old.round)).draft.ends) != year_of(view.draft.ends):
            continue
        found[key] = Earlier(old.round, old.number, old.cells, await _hidden(*key))
    return tuple(found.values())


async def _hidden(ranking_id: int, number: int) -> tuple[str, ...]:
    """Return the windows whose own figures an edition showed nowhere."""
    rows = await raw(
        "SELECT hidden FROM ranking_edition WHERE ranking = {} AND number = {}", ranking_id, number
    )
    return tuple(msgspec.json.decode(rows[0]["hidden"], type=list[str]))


async def sealed(ranking_id: int, number: int) -> Sealed:
    """Return the sealed input of an edition; for recounts and auditors, never for a page."""
    return msgspec.json.decode(await sealed_text(ranking_id, number), type=Sealed)


async def sealed_text(ranking_id: int, number: int) -> bytes:
    """Return the sealed input as it was written, to the byte: its hash is what is public."""
    rows = await raw(
        "SELECT sealed FROM ranking_edition WHERE ranking = {} AND number = {}", ranking_id, number
    )
    if not rows:
        raise Missing("ranking.missing")
    return keys.current().open(
        "visit", base64.b64decode(rows[0]["sealed"]), sealed_context(ranking_id, number)
    )


class _Counted(msgspec.Struct):
    """The part of a sealed input that says what it counted."""

    cells: tuple[Cell, ...]


async def stale(ranking_id: int, number: int) -> bool:
    """Tell whether other sheets count by now than an edition was computed from.

    A sheet that became void afterwards, or was capped, still stands in its figures.
    """
    (edition,) = [each for each in await editions(ranking_id) if each.number == number]
    plain = await sealed_text(ranking_id, number)
    kept = Counter[tuple[str, str, str]]()
    for cell in msgspec.json.decode(plain, type=_Counted).cells:
        kept.update(_sums(cell.period, cell.unit, cell.window, cell.n, cell.total, cell.squares))
    marks = ", ".join("{}" for _ in edition.rounds)
    now = Counter[tuple[str, str, str]]()
    for row in await raw(
        "SELECT r.code AS round, u.code AS unit, w.code AS place, SUM(c.n) AS n, "
        "SUM(c.total) AS total, SUM(c.squares) AS squares FROM counted_cell c "
        "JOIN visit_round r ON r.id = c.round JOIN unit u ON u.id = c.unit "
        'LEFT JOIN service_window w ON w.id = c."window" '
        f"WHERE r.code IN ({marks}) GROUP BY r.code, u.code, w.code",
        *edition.rounds,
    ):
        sums = (int(row["n"]), int(row["total"]), int(row["squares"]))
        now.update(_sums(row["round"], row["unit"], row["place"], *sums))
    return kept != now


def _sums(  # noqa: PLR0917 - where, and what
    period: str, unit: str, window: str | None, n: int, total: int, squares: int
) -> dict[tuple[str, str, str], int]:
    place = (period, window or unit)
    return {(*place, "n"): n, (*place, "total"): total, (*place, "squares"): squares}


async def visited(ranking_id: int, number: int) -> dict[Code, int]:
    """Return the counted visits of each unit and window of an edition, shown in public or not.

    For those who plan visits, and planned these: they name no visitor and no day.
    """
    found: dict[Code, int] = {}
    for cell in (await sealed(ranking_id, number)).cells:
        for key in {cell.unit, cell.window or cell.unit}:
            found[Code(key)] = found.get(Code(key), 0) + cell.n
    return found


async def editions(ranking_id: int) -> list[EditionView]:
    """Return the editions of a ranking, the newest first."""
    rows = await raw(
        "SELECT ranking AS ranking_id, number, computed_by, computed_at, reason, rounds, "
        "input_hash, sealed_hash, receipts_root, receipts, code_version, model, changes "
        "FROM ranking_edition WHERE ranking = {} ORDER BY number DESC",
        ranking_id,
    )
    return [
        EditionView(
            **{
                **row,
                "computed_by": None if row["computed_by"] is None else PersonId(row["computed_by"]),
                "rounds": msgspec.json.decode(row["rounds"], type=tuple[Code, ...]),
                "model": msgspec.json.decode(row["model"], type=Model),
                "changes": msgspec.json.decode(row["changes"], type=tuple[Change, ...]),
            }
        )
        for row in rows
    ]
