"""What a member has sent: every receipt, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.chance import leaf_hash
from panel.db import raw
from panel.evaluations.types import Receipt
from panel.ids import Code
from panel.visits import queries as visits


async def own_receipts(member: Code | None, *, at: datetime) -> list[Receipt]:
    """Return the receipts of a member's tasks that are still shown, the newest first."""
    tasks = {task.id: task.code for task in await visits.member_tasks(member, at=at)}
    if not tasks:
        return []
    marks = ", ".join("{}" for _ in tasks)
    rows = await raw(
        "SELECT code, task, version, received_at, body_digest, late FROM sheet_submission "
        f"WHERE task IN ({marks}) ORDER BY received_at DESC, id DESC",
        *tasks,
    )
    return [
        Receipt(
            code=Code(row["code"]),
            task_code=tasks[row["task"]],
            version=row["version"],
            received_at=row["received_at"],
            digest=row["body_digest"],
            late=bool(row["late"]),
        )
        for row in rows
    ]


def receipt_leaf(code: Code, digest: str) -> str:
    """Return the leaf under which a receipt is published: nobody reads anything from it."""
    return leaf_hash(f"{code}{digest}".encode())


async def receipt_leaves(rounds: Sequence[Code], *, until: datetime) -> list[str]:
    """Return the leaves of everything received in some rounds, in an order that tells nothing."""
    if not rounds:
        return []
    marks = ", ".join("{}" for _ in rounds)
    rows = await raw(
        "SELECT s.code, s.body_digest FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        f"JOIN visit_round r ON r.id = t.round WHERE r.code IN ({marks}) AND s.received_at <= {{}}",
        *rounds,
        until,
    )
    return sorted(receipt_leaf(Code(row["code"]), row["body_digest"]) for row in rows)
