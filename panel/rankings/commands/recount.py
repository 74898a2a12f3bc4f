"""The recount: a second person computes an edition again from its sealed export."""

from __future__ import annotations

import hashlib
from datetime import datetime

from panel.actor import Actor, Role, second_person
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.commands.closing import code_version
from panel.rankings.commands.hearing import step
from panel.rankings.queries import lifecycle
from panel.rankings.rules import computing
from panel.rankings.rules import lifecycle as rules
from panel.rankings.tables import Recount
from panel.rankings.types import RankingState, RankingView, RecountView

_SEALED = ("ranking", "edition", "by", "agreed", "differences")


async def recount(actor: Actor, round: Code, *, at: datetime) -> RecountView:  # noqa: A002
    """Compute the edition that counts once more and compare every list, hash and digit.

    By another person than who computed it; what differs is kept, and holds the ranking up. Refuses
    an edition that was found right before.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER)
    view = await queries.ranking(round)
    second_person(view.computed_by, actor)
    rules.may_recount(view, agreed=await lifecycle.recounted(view))
    lists, figures, differences = await _compared(view)
    async with entry(actor, "rankings.recount", at=at) as note:
        row = Recount(
            ranking=view.id,
            edition=view.edition,
            by=actor.person,
            at=at,
            agreed=not differences,
            lists=lists,
            figures=figures,
            code_version=code_version(),
            differences=canonical(list(differences)).decode(),
        )
        await insert_rows(Recount, [row])
        note.seal(row, *_SEALED)
        note.about("recount", round, edition=view.edition, agreed=not differences)
        if not differences:
            drafted = view.state is RankingState.DRAFT
            await step(note, view, RankingState.CHECKED if drafted else view.state, {})
    return (await lifecycle.recounts(view.id))[0]


async def open_sealed(
    actor: Actor,
    round: Code,  # noqa: A002
    reason: str,
    *,
    at: datetime,
) -> bytes:
    """Give an auditor the sealed input of the edition that counts; each look leaves its reason."""
    actor.require(Role.AUDITOR)
    tidy = rules.reason_given(reason)
    async with entry(actor, "rankings.open_sealed", at=at, reason=tidy) as note:
        view = await queries.ranking(round)
        sealed = await queries.sealed_text(view.id, view.edition)
        note.about("ranking", round, edition=view.edition, sealed=True)
    return sealed


async def _compared(view: RankingView) -> tuple[int, int, tuple[str, ...]]:
    """Return how many lists and lines were compared, and what came out otherwise."""
    sealed = await queries.sealed(view.id, view.edition)
    (edition,) = [each for each in await queries.editions(view.id) if each.number == view.edition]
    stored = await lifecycle.kept(view.id, view.edition)
    found = computing.computed(sealed)
    differences = []
    text = await queries.sealed_text(view.id, view.edition)
    if hashlib.sha256(text).hexdigest() != edition.sealed_hash:
        differences.append("sealed")
    if found.model != edition.model:
        differences.append("model")
    if not computing.proven(found, sealed):
        differences.append("certificate")
    again = {
        (each.kind.value, each.scope): (each.method.value, each.input_hash, each.text)
        for each in found.lists
    }
    differences += [
        ":".join(name for name in key if name)
        for key in sorted(again.keys() | stored.keys())
        if again.get(key) != stored.get(key)
    ]
    return len(again), sum(len(each.rows) for each in found.lists), tuple(differences)
