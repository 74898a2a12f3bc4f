"""Reads of a ranking's way: deliveries, recounts, the procedure sheet and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from panel.db import raw
from panel.errors import Closed, Conflict
from panel.evaluations.rules.texts import text_check
from panel.ids import Code, PersonId
from panel.rankings.queries.appeals import under_appeal
from panel.rankings.queries.deliveries import deliveries, delivery, receipt_scan, scan_context
from panel.rankings.queries.inputs import editions, stale, undecided
from panel.rankings.queries.lists import lists
from panel.rankings.rules import lifecycle as rules
from panel.rankings.types import (
    AnswerView,
    AppealKind,
    DeliveryView,
    Facts,
    Kind,
    RankingState,
    RankingView,
    RecountView,
    SheetStep,
    StepKey,
)
from panel.rankings.types.lifecycle import LASTING
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import queries as rounds
from panel.visits.queries import draws
from panel.visits.types import RoundView

__all__ = [
    "deliveries",
    "delivery",
    "disputable",
    "edition_of",
    "facts",
    "kept",
    "procedure",
    "receipt_scan",
    "recounted",
    "recounts",
    "scan_context",
    "tells",
    "to_tell",
    "unsigned",
]

_PUBLIC: Final = "public"
_OVER: Final = frozenset({RankingState.PUBLISHED, RankingState.WITHHELD})


async def to_tell(view: RankingView) -> list[Code]:
    """Return the units to whom the edition that counts must be shown.

    Those who were told nothing yet, and those of whom a line changed since they were told.
    """
    every = await lists(view.id, view.edition)
    told = {each.unit_code: each.edition for each in await deliveries(view.id)}
    of_line = {(one.kind, row.code): row.unit_code for one in every for row in one.rows}
    changed: dict[Code, int] = {}
    for edition in await editions(view.id):
        for change in edition.changes:
            unit = of_line.get((change.kind, change.code))
            if unit is not None:
                changed[unit] = max(edition.number, changed.get(unit, 0))
    listed = [row.code for one in every if one.kind is Kind.UNIT for row in one.rows]
    return [unit for unit in listed if unit not in told or changed.get(unit, 0) > told[unit]]


async def recounts(ranking_id: int) -> list[RecountView]:
    """Return the recounts of a ranking, the newest first."""
    rows = await raw(
        'SELECT edition, "by", "at", agreed, lists, figures, code_version, differences '
        "FROM ranking_recount WHERE ranking = {} ORDER BY id DESC",
        ranking_id,
    )
    return [
        RecountView(
            edition=row["edition"],
            by=None if row["by"] is None else PersonId(row["by"]),
            at=row["at"],
            agreed=bool(row["agreed"]),
            lists=row["lists"],
            figures=row["figures"],
            code_version=row["code_version"],
            differences=msgspec.json.decode(row["differences"], type=tuple[str, ...]),
        )
        for row in rows
    ]


async def recounted(view: RankingView) -> bool:
    """Tell whether a second person found the edition that counts right."""
    return any(each.agreed and each.edition == view.edition for each in await recounts(view.id))


async def kept(ranking_id: int, edition: int) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return the stored lists as text by kind and scope: method, input hash, result."""
    rows = await raw(
        "SELECT kind, scope, method, input_hash, result FROM ranking_snapshot "
        "WHERE ranking = {} AND edition = {}",
        ranking_id,
        edition,
    )
    return {
        (row["kind"], row["scope"]): (row["method"], row["input_hash"], row["result"])
        for row in rows
    }


async def facts(view: RankingView, *, at: datetime, draws_too: bool = True) -> Facts:
    """Return what the service knows of the steps; computing draws again takes its time."""
    subject = await rounds.round(view.round_code)
    together = await rounds.counting_with(subject)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    told = await deliveries(view.id)
    waits = {*await to_tell(view)}
    drawn = [each for each in together if each.record_hash]
    levels = [("unit_ranking", Kind.UNIT), ("window_ranking", Kind.WINDOW)]
    rows = await raw(
        "SELECT count(*) AS n FROM ranking_objection WHERE ranking = {} AND state = 'open'",
        view.id,
    )
    return Facts(
        register_number=subject.draft.register_number,
        legal_basis=subject.draft.legal_basis,
        disclosed=subject.draft.disclosed_on is not None,
        draws=len(drawn),
        unverified=await _unverified(drawn) if draws_too else 0,
        undecided=await undecided(together),
        recounted=await recounted(view),
        untold=len(waits | {each.unit_code for each in told if _unaware(each, at)}),
        appealable=sum(each.open(at) for each in told),
        open_appeals=len(await under_appeal(AppealKind.RANKING, view.round_code)),
        notice_until=view.notice_until,
        open_objections=int(rows[0]["n"]),
        levels=tuple(
            kind.value for key, kind in levels if book.publication.levels.get(key) != _PUBLIC
        ),
        stale=view.state not in _OVER and await stale(view.id, view.edition),
    )


def _unaware(view: DeliveryView, at: datetime) -> bool:
    return view.received_at is None and at <= view.presumed_at


async def _unverified(drawn: Sequence[RoundView]) -> int:
    wrong = 0
    for each in drawn:
        found = draws.checks(await rounds.public_record(each))
        wrong += not all(holds for _, holds in found)
    return wrong


async def procedure(
    view: RankingView, *, at: datetime, draws_too: bool = True
) -> tuple[SheetStep, ...]:
    """Return the procedure sheet of the edition that counts."""
    rows = await raw(
        "SELECT key, signed_by, signed_as, signed_at, document, note FROM ranking_procedure_step "
        "WHERE ranking = {} AND edition IN (0, {})",
        view.id,
        view.edition,
    )
    signed = {
        StepKey(row["key"]): SheetStep(
            key=StepKey(row["key"]),
            fulfilled=True,
            signed_by=None if row["signed_by"] is None else PersonId(row["signed_by"]),
            signed_as=row["signed_as"],
            signed_at=row["signed_at"],
            document=row["document"],
            note=row["note"],
        )
        for row in rows
    }
    # Who signed that the draws were computed again stands for it: it is not done at every look.
    again = draws_too and StepKey.DRAW_VERIFIED not in signed
    return rules.steps(await facts(view, at=at, draws_too=again), signed, at)


def disputable(view: DeliveryView, book: Rulebook, at: datetime) -> bool:
    """Tell whether a unit may still say that a receipt on paper is not its own."""
    try:
        rules.may_dispute(view, book, at)
    except (Conflict, Closed):
        return False
    return True


def tells(view: AnswerView) -> tuple[str, ...]:
    """Return what in a unit's answer looks as if it named a person, a number or a moment."""
    return tuple(hit.text for hit in text_check(view.text))


async def unsigned(view: RankingView, *, at: datetime) -> tuple[StepKey, ...]:
    """Return the steps that must still hold and be signed before a ranking may go on."""
    return rules.unsigned(view.state, await procedure(view, at=at, draws_too=False))


def edition_of(key: StepKey, view: RankingView) -> int:
    """Return under which edition a step is signed; 0 for what holds for every one."""
    return 0 if key in LASTING else view.edition
