"""Keeping a ranking from the public for good: asked for with a reason, confirmed by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from panel.actor import Actor, Role, Signature
from panel.audit.commands import entry
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.commands.hearing import step
from panel.rankings.rules import lifecycle as rules
from panel.rankings.tables import Ranking
from panel.rankings.types import RankingState, RankingView

_NOTHING: Final[dict[Any, Any]] = {
    Ranking.withhold_by: None,
    Ranking.withhold_at: None,
    Ranking.withhold_reason: "",
    Ranking.withhold_document: "",
}


async def withhold(
    actor: Actor,
    round: Code,  # noqa: A002
    reason: str,
    document: str,
    *,
    at: datetime,
    paper: Signature | None = None,
) -> RankingView:
    """Ask that a ranking is not published, with reason and the number of the decision.

    Nothing changes before another person confirms; a leader's signature on paper stands for it.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    name = "rankings.withhold" if paper else "rankings.ask_to_withhold"
    async with entry(actor, name, at=at, reason=reason.strip(), paper=paper) as note:
        view = await queries.ranking(round)
        why, number = rules.may_withhold(view, reason, document), document.strip()
        if paper is not None:
            columns: dict[Any, Any] = {Ranking.reason: why, Ranking.document: number}
            await step(note, view, RankingState.WITHHELD, columns)
        else:
            columns = {
                Ranking.withhold_by: actor.person,
                Ranking.withhold_at: at,
                Ranking.withhold_reason: why,
                Ranking.withhold_document: number,
            }
            await step(note, view, view.state, columns, Ranking.withhold_at.is_null())
    return await queries.ranking(round)


async def confirm_withholding(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Withhold a ranking as another person than who asked for it."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.withhold", at=at) as note:
        view = await queries.ranking(round)
        rules.may_confirm_withholding(view, actor)
        columns = {
            Ranking.reason: view.withhold_reason,
            Ranking.document: view.withhold_document,
        }
        asked = Ranking.withhold_at == view.withhold_at
        await step(note, view, RankingState.WITHHELD, columns, asked)
    return await queries.ranking(round)


async def decline_withholding(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Turn a request to withhold down, or take the own one back; the lists go on their way."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.decline_withholding", at=at) as note:
        view = await queries.ranking(round)
        rules.may_decline_withholding(view)
        asked = Ranking.withhold_at == view.withhold_at
        await step(note, view, view.state, _NOTHING, asked)
    return await queries.ranking(round)
