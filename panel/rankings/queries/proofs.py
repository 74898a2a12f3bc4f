"""In which published rankings a receipt stands below the root."""

from __future__ import annotations

from datetime import datetime

from panel.ids import Code
from panel.rankings.queries.inputs import editions
from panel.rankings.queries.procedure import publications, ranking
from panel.rankings.types import PublicationView


async def published_with(
    round: Code,  # noqa: A002 - the round is what it is
    received: datetime,
) -> list[PublicationView]:
    """Return the written publications whose receipts hold one of a round, the newest first."""
    found = []
    for each in await publications():
        if not each.manifest_hash:
            continue
        view = await ranking(each.round_code)
        edition = next(one for one in await editions(view.id) if one.number == each.edition)
        if round in edition.rounds and received <= edition.computed_at:
            found.append(each)
    return found
