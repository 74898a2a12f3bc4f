"""What the worker can do: jobs by kind, and those that come back by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from panel.settings import Settings
from panel.visits import commands as visits
from web.worker import Recurring, Work


async def lapse(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let unanswered offers lapse and offer them to the next in the draw."""
    del settings, payload
    await visits.lapse_due(at=at)


KINDS: dict[str, Work] = {}
RECURRING: dict[str, Recurring] = {"visits.lapse": Recurring(lapse, dt.timedelta(minutes=5))}
