"""What changes seats: appointment, training, pledge, exclusion, resignation."""

from __future__ import annotations

from panel.members.commands.qualifying import record_pledge, record_training
from panel.members.commands.seats import appoint, exclude
from panel.members.commands.terms import (
    dismiss,
    expire,
    reinstate,
    remind,
    renew,
    resign,
    suspend,
    unlink,
)

__all__ = [
    "appoint",
    "dismiss",
    "exclude",
    "expire",
    "record_pledge",
    "record_training",
    "reinstate",
    "remind",
    "renew",
    "resign",
    "suspend",
    "unlink",
]
