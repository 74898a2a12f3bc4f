"""Tables of rankings; no column names a visitor."""

from panel.rankings.tables.appeals import Appeal, AppealFile, AppealSheet, AppealStep
from panel.rankings.tables.lists import Edition, Publication, Ranking, Snapshot
from panel.rankings.tables.procedure import (
    Answer,
    Delivery,
    ProcedureStep,
    RankingObjection,
    Recount,
)

__all__ = [
    "Answer",
    "Appeal",
    "AppealFile",
    "AppealSheet",
    "AppealStep",
    "Delivery",
    "Edition",
    "ProcedureStep",
    "Publication",
    "Ranking",
    "RankingObjection",
    "Recount",
    "Snapshot",
]
