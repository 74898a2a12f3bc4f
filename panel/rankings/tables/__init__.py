"""Tables of rankings; no column names a visitor."""

from panel.rankings.tables.appeals import Appeal, AppealFile, AppealSheet, AppealStep
from panel.rankings.tables.lists import Edition, Publication, Ranking, Snapshot
from panel.rankings.tables.officers import (
    Commendation,
    OfficerCase,
    OfficerEdition,
    OfficerMeasure,
    RecordedVote,
)
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
    "Commendation",
    "Delivery",
    "Edition",
    "OfficerCase",
    "OfficerEdition",
    "OfficerMeasure",
    "ProcedureStep",
    "Publication",
    "Ranking",
    "RankingObjection",
    "RecordedVote",
    "Recount",
    "Snapshot",
]
