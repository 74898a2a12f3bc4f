"""What changes seats: appointment, learning, pledge, recusal, and the end of terms."""

from __future__ import annotations

from panel.members.commands.qualifying import (
    lapse_due,
    pledge,
    record_pledge,
    record_training,
)
from panel.members.commands.reminding import remind_of_training
from panel.members.commands.seats import appoint, exclude, move, refeature, rehouse
from panel.members.commands.terms import (
    alone,
    dismiss,
    expire,
    reinstate,
    remind,
    renew,
    resign,
    suspend,
    unlink,
)
from panel.members.commands.training import attempt, practise, read

__all__ = [
    "alone",
    "appoint",
    "attempt",
    "dismiss",
    "exclude",
    "expire",
    "lapse_due",
    "move",
    "pledge",
    "practise",
    "read",
    "record_pledge",
    "record_training",
    "refeature",
    "rehouse",
    "reinstate",
    "remind",
    "remind_of_training",
    "renew",
    "resign",
    "suspend",
    "unlink",
]
