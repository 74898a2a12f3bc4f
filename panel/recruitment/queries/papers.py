"""Reads of approvals that were signed on paper."""

from __future__ import annotations

from typing import Any

from panel.actor import Signature
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.tables import PaperEntry
from panel.recruitment.types.paper import PaperAct, PaperState, PaperView


def _view(row: dict[str, Any]) -> PaperView:
    return PaperView(
        id=row["id"],
        code=Code(row["code"]),
        act=PaperAct(row["act"]),
        subject=Code(row["subject"]),
        signature=Signature(
            document=row["document"],
            signer=row["signer"],
            signed_on=row["signed_on"],
            scan=row["scan"],
        ),
        state=PaperState(row["state"]),
        entered_by=PersonId(row["entered_by"]),
        entered_at=row["entered_at"],
    )


async def waiting(act: PaperAct, subject: Code) -> PaperView | None:
    """Return the signature for an act that still waits for its second person."""
    row = (
        await PaperEntry.select()
        .where(
            PaperEntry.act == act,
            PaperEntry.subject == subject,
            PaperEntry.state == PaperState.WAITING,
        )
        .first()
    )
    return _view(row) if row else None


async def paper(code: Code) -> PaperView:
    """Return one entry of a signed paper."""
    row = await PaperEntry.select().where(PaperEntry.code == code).first()
    if row is None:
        raise Missing("paper.unknown")
    return _view(row)
