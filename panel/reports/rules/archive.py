"""When a round may be archived: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from panel.errors import Conflict
from panel.reports.types import PackageView
from panel.visits.types import RoundState, RoundView

_OVER: Final = frozenset({RoundState.CLOSED, RoundState.COMPUTED})
_PATIENCE: Final = timedelta(hours=1)
"""After which a package on its way counts as left by its worker."""


def may_pack(view: RoundView) -> None:
    """Refuse to archive a round that is not over: its sheets would tell what is going on."""
    if view.state not in _OVER:
        raise Conflict("archive.round_runs")


def left(view: PackageView, at: datetime) -> bool:
    """Tell whether no worker makes a package any more."""
    return view.running and at - view.started_at > _PATIENCE
