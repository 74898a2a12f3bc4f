"""What changes seats: appointment, training, pledge, exclusion, resignation."""

from __future__ import annotations

from panel.members.commands.qualifying import record_pledge, record_training
from panel.members.commands.seats import appoint, exclude, resign

__all__ = ["appoint", "exclude", "record_pledge", "record_training", "resign"]
