"""Computing the ranking of a closed round, and again after a correction: editions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from panel import entropy, keys, score
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical, tree_root
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as received
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.rules import closing as rules
from panel.rankings.rules import computing
from panel.rankings.rules.computing import Computing
from panel.rankings.tables import Edition, Ranking, Snapshot
from panel.rankings.types import RankingState, RankingView, Sealed
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import RulebookVersion
from panel.visits import commands as visits
from panel.visits import queries as rounds
from panel.visits.types import RoundView

SEALED: Final = (
    "code",
    "edition",
    "kind",
    "scope",
    "method",
    "rulebook_hash",
    "input_hash",
    "code_version",
    "result",
)
STEPS: Final = (
    "state", "rulebook", "computed_by", "published_by", "document", "edition", "withhold_by",
)  # fmt: skip
"""Columns of a ranking that every step seals again."""
_EDITION: Final = (
    "number", "reason", "rounds", "input_hash", "sealed_hash", "receipts_root", "model", "changes",
)  # fmt: skip


@cache
def code_version() -> str:
    """Return the start of the digest over the rules that compute lists: another text, another one.

    A version number would stay the same while somebody changes a line.
    """
    files = sorted(Path(computing.__file__).parent.rglob("*.py"))
    whole = b"".join(path.read_bytes() for path in [*files, Path(score.__file__)])
    return hashlib.sha256(whole).hexdigest()[:16]


async def close(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Compute the lists of a closed round from the counted sheets of its year, as edition 1.

    Refuses a round that is not closed, undecided sheets, cells that were changed behind the
    service, and the second of two at once.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.close", at=at) as note:
        view = await rounds.round(round)
        together = await rounds.counting_with(view)
        rules.may_close(view.state, await queries.undecided(together))
        version = await rulebooks.version(view.rulebook_code)
        row = Ranking(
            round=view.id,
            state=RankingState.DRAFT,
            rulebook=version.code,
            computed_by=actor.person,
            computed_at=at,
            edition=1,
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Ranking, [row])
        except Duplicate as known:
            raise Conflict("ranking.exists") from known
        note.seal(row, *STEPS)
        sealed = await _gathered(view, together, version, 1)
        await _keep(note, actor, row.id, sealed, (), at=at, reason="")
        await visits.mark_computed(actor, view.id, at=at)
        note.about("round", round, state=RankingState.DRAFT.value)
    return await queries.ranking(round)


async def recompute(
    actor: Actor,
    round: Code,  # noqa: A002
    reason: str,
    *,
    at: datetime,
) -> RankingView:
    """Compute the lists again as the next edition, with what changed; the one before stays.

    For an appeal that was upheld or a mistake that was found. Refuses an empty reason, and a
    ranking whose sheets are not all decided.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.recompute", at=at, reason=reason.strip()) as note:
        found = await queries.ranking(round)
        rules.may_recompute(found.state, reason)
        view = await rounds.round(round)
        together = await rounds.counting_with(view)
        rules.all_decided(await queries.undecided(together))
        version = await rulebooks.version(found.rulebook_code)
        number = found.edition + 1
        before = computing.computed(await queries.sealed(found.id, found.edition)).lists
        changed = (
            await Ranking.update(
                {
                    Ranking.edition: number,
                    Ranking.computed_by: actor.person,
                    Ranking.computed_at: at,
                }
            )
            .where(Ranking.id == found.id, Ranking.edition == found.edition)
            .returning(*Ranking.all_columns())
        )
        if not changed:
            raise Conflict("ranking.state_changed")
        note.seal(Ranking(**changed[0]), *STEPS)
        sealed = await _gathered(view, together, version, number)
        await _keep(note, actor, found.id, sealed, before, at=at, reason=reason.strip())
        note.about("round", round, edition=number)
    return await queries.ranking(round)


async def _gathered(
    view: RoundView, together: Sequence[RoundView], version: RulebookVersion, number: int
) -> Sealed:
    """Compare every round's cells with its sheets, then gather what an edition is made of."""
    for each in together:
        await evaluations.tallied(each.id)
    return await queries.gathered(view, together, version, number, salt=entropy.token())


async def _keep(
    note: Note,
    actor: Actor,
    ranking_id: int,
    sealed: Sealed,
    before: Sequence[computing.Kept],
    *,
    at: datetime,
    reason: str,
) -> None:
    """Compute an edition and store it with its sealed layer and every list."""
    found = computing.computed(sealed)
    plain = canonical(msgspec.to_builtins(sealed))
    context = queries.sealed_context(ranking_id, sealed.number)
    leaves = await received.receipt_leaves(sealed.rounds, until=at)
    row = Edition(
        ranking=ranking_id,
        number=sealed.number,
        computed_by=actor.person,
        computed_at=at,
        reason=reason,
        rounds=msgspec.json.encode(sealed.rounds).decode(),
        input_hash=found.lists[0].input_hash if found.lists else "",
        sealed_hash=hashlib.sha256(plain).hexdigest(),
        hidden=msgspec.json.encode(found.hidden).decode(),
        sealed=base64.b64encode(keys.current().seal("visit", plain, context)).decode(),
        receipts_root=tree_root(leaves),
        receipts=len(leaves),
        code_version=code_version(),
        model=msgspec.json.encode(found.model).decode(),
        changes=msgspec.json.encode(
            computing.changes(before, found.lists) if before else ()
        ).decode(),
    )
    (row.id,) = await insert_rows(Edition, [row])
    note.seal(row, *_EDITION)
    await _lists(note, ranking_id, sealed, found)


async def _lists(note: Note, ranking_id: int, sealed: Sealed, found: Computing) -> None:
    rows = [
        Snapshot(
            code=entropy.code(),
            ranking=ranking_id,
            edition=sealed.number,
            kind=each.kind,
            scope=each.scope,
            method=each.method,
            rulebook_hash=sealed.rulebook_hash,
            input_hash=each.input_hash,
            code_version=code_version(),
            result=each.text,
        )
        for each in found.lists
    ]
    for row, number in zip(rows, await insert_rows(Snapshot, rows), strict=True):
        row.id = number
        note.seal(row, *SEALED)
        note.about(
            "ranking", row.code, list=str(row.kind), scope=row.scope, input_hash=row.input_hash
        )
