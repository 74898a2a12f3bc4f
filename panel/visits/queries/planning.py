"""What the next round may be planned from: the places of today and what each may expect."""

from __future__ import annotations

from collections.abc import Mapping

from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import rules
from panel.visits.queries.places import places
from panel.visits.types import Proposal, RoundDraft, Side


async def proposals(draft: RoundDraft, sides: Mapping[Code, Side]) -> list[Proposal]:
    """Return what every place of a plan may expect and why, those in most doubt first."""
    bounds = (await rulebooks.current()).rulebook.rounds
    return rules.proposals(
        sides,
        await places(draft),
        uniform_percent=bounds.uniform_percent,
        cap_times=bounds.cap_times,
    )
