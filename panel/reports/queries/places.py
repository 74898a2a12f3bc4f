"""Windows of a round for exports: how often they were to be seen and were."""

from __future__ import annotations

from panel.db import raw
from panel.evaluations.types import SheetState
from panel.reports.types import PlaceLine
from panel.visits.types import TaskState

_MADE = (TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE, TaskState.VOIDED)


async def place_lines(round_id: int) -> list[PlaceLine]:
    """Return the places of a round by unit and window."""
    rows = await raw(
        "SELECT u.number AS unit, u.name AS unit_name, w.number AS window_number, "
        "w.name AS window_name, u.peer_group, COALESCE(h.district, u.district) AS district, "
        "p.demand, "
        "(SELECT count(*) FROM visit_task t WHERE t.place = p.id AND t.state IN "
        "({}, {}, {}, {})) AS made, "
        "(SELECT count(*) FROM visit_task t JOIN sheet_submission s ON s.task = t.id "
        "WHERE t.place = p.id AND s.state = {}) AS counted "
        "FROM round_window p JOIN unit u ON u.id = p.unit LEFT JOIN service_window w "
        'ON w.id = p."window" LEFT JOIN hall h ON h.id = w.hall '
        "WHERE p.round = {} ORDER BY u.number, w.number",
        *_MADE,
        SheetState.ACCEPTED,
        round_id,
    )
    return [
        PlaceLine(
            unit=row["unit"],
            unit_name=row["unit_name"],
            window=row["window_number"] or "",
            window_name=row["window_name"] or "",
            group=row["peer_group"],
            district=row["district"] or "",
            planned=row["demand"],
            made=row["made"],
            counted=row["counted"],
        )
        for row in rows
    ]
