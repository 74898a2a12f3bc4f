"""Computing the ranking of a closed round, once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from panel import entropy, score
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.evaluations import queries as evaluations
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.rules import hearing, publication
from panel.rankings.rules import ranking as rules
from panel.rankings.tables import Ranking, Snapshot
from panel.rankings.types import (
    Cell,
    Kind,
    Method,
    Naming,
    RankingState,
    RankingView,
    RankList,
    Scope,
    Sheet,
    Subject,
)
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook, RulebookVersion
from panel.visits import commands as visits
from panel.visits import queries as rounds
from panel.visits.types import RoundView

SEALED: Final = (
    "code",
    "kind",
    "scope",
    "method",
    "rulebook_hash",
    "input_hash",
    "code_version",
    "result",
)
STEPS: Final = ("state", "rulebook", "computed_by", "published_by", "document")
"""Columns of a ranking that every step seals again."""


@cache
def code_version() -> str:
    """Return the start of the digest over the rules that compute lists: another text, another one.

    A version number would stay the same while somebody changes a line.
    """
    files = sorted(Path(rules.__file__).parent.glob("*.py"))
    whole = b"".join(path.read_bytes() for path in [*files, Path(score.__file__)])
    return hashlib.sha256(whole).hexdigest()[:16]


class _Input(NamedTuple):
    """Everything that the lists of a round are made of."""

    cells: tuple[Cell, ...]
    units: list[Subject]
    windows: list[Subject]
    names: dict[str, publication.Name]
    hidden: frozenset[str]


async def close(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Compute the lists of a closed round from its counted sheets and keep them for good.

    Refuses a round that is not closed, undecided sheets, and the second of two at once.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.close", at=at) as note:
        view = await rounds.round(round)
        hearing.may_close(view.state, await evaluations.undecided(view.id))
        version = await rulebooks.version(view.rulebook_code)
        row = Ranking(
            round=view.id,
            state=RankingState.DRAFT,
            rulebook=version.code,
            computed_by=actor.person,
            computed_at=at,
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Ranking, [row])
        except Duplicate as known:
            raise Conflict("ranking.exists") from known
        note.seal(row, *STEPS)
        await _keep(note, row.id, version, await _input(view, version.rulebook))
        await visits.mark_computed(actor, view.id, at=at)
        note.about("round", round, state=RankingState.DRAFT.value)
    return await queries.ranking(round)


async def _input(view: RoundView, rulebook: Rulebook) -> _Input:
    """Gather counted sheets and who is to be listed, under the codes that the public knows."""
    places = await rounds.frozen_places(view)
    units = {unit.id: unit for unit in await roster.units()}
    windows = {window.id: window for window in await roster.windows()}
    cells = rules.aggregate(
        Sheet(
            unit=units[sheet.unit_id].code,
            window=None if sheet.window_id is None else windows[sheet.window_id].code,
            rater=sheet.visitor,
            score=sheet.score,
        )
        for sheet in await evaluations.counted(view.id)
    )
    groups = {group.key: group.ranked for group in rulebook.peer_groups}
    visited = {place.unit_id: place.peer_group for place in places}
    counters = [windows[place.window_id] for place in places if place.window_id is not None]
    least = rulebook.ranking.window_minimum_staff
    rolled_up = frozenset(str(window.code) for window in counters if window.staff < least)
    minimum = rulebook.publication.minimum_visitors
    hidden = publication.hidden_windows(cells, rolled_up, minimum)

    def ranked(group: str) -> bool:
        return groups.get(group, False) and group not in view.draft.unranked

    names = {
        str(unit.code): publication.Name(
            unit.name, unit.name_en, unit.code, unit.name, unit.name_en
        )
        for unit in units.values()
    }
    names |= {
        str(window.code): publication.Name(
            window.name, window.name_en, window.unit_code, window.unit_name, window.unit_name_en
        )
        for window in windows.values()
    }
    return _Input(
        cells=cells,
        units=[
            Subject(units[number].code, group, ranked(group)) for number, group in visited.items()
        ],
        windows=[
            Subject(
                window.code,
                visited[window.unit_id],
                ranked(visited[window.unit_id]) and window.code not in hidden,
            )
            for window in counters
            if window.code not in rolled_up
        ],
        names=names,
        hidden=hidden,
    )


async def _keep(note: Note, ranking_id: int, version: RulebookVersion, found: _Input) -> None:
    """Rank units and windows by the method that the rulebook names, and store every list."""
    method = Method(version.rulebook.ranking.method)
    rows: list[Snapshot] = []
    for kind, subjects in ((Kind.UNIT, found.units), (Kind.WINDOW, found.windows)):
        naming = _naming(kind, version.rulebook)
        fingerprint = rules.input_hash(kind, subjects, found.cells, naming, method)
        rows.extend(
            Snapshot(
                code=entropy.code(),
                ranking=ranking_id,
                kind=kind,
                scope=each.group,
                method=method,
                rulebook_hash=version.hash,
                input_hash=fingerprint,
                code_version=code_version(),
                result=_result(each, found, version.rulebook.publication.minimum_visitors),
            )
            for each in rules.rank(kind, subjects, found.cells, naming, method)
        )
    for row, number in zip(rows, await insert_rows(Snapshot, rows), strict=True):
        row.id = number
        note.seal(row, *SEALED)
        note.about(
            "ranking", row.code, list=str(row.kind), scope=row.scope, input_hash=row.input_hash
        )


def _naming(kind: Kind, rulebook: Rulebook) -> Naming:
    """Return the minimums of a kind; nobody is ranked by fewer visitors than may be shown."""
    ranking, least = rulebook.ranking, rulebook.publication.minimum_visitors
    unit = kind is Kind.UNIT
    return Naming(
        scope=Scope(ranking.scope),
        minimum_visits=ranking.unit_minimum_visits if unit else ranking.window_minimum_visits,
        minimum_raters=max(
            ranking.unit_minimum_raters if unit else ranking.window_minimum_raters, least
        ),
        list_size=ranking.list_size,
        share_percent=ranking.bottom_share_percent,
        gate=ranking.gate_hundredths,
    )


def _result(found: RankList, data: _Input, minimum: int) -> str:
    """Return the canonical text of a list, holding only what may be shown."""
    rows = publication.rows(found, data.cells, data.names, data.hidden, minimum)
    return canonical(
        {
            "ranked": found.ranked,
            "list_size": found.bottom_size,
            "rows": msgspec.to_builtins(rows),
        }
    ).decode()
