"""Tables of evaluations; a sheet names its task, never a member."""

from panel.evaluations.tables.leads import (
    InfluenceReport,
    Lead,
)
from panel.evaluations.tables.paper import (
    PaperScan,
    PaperSheet,
)
from panel.evaluations.tables.photos import Photo, Whereabouts
from panel.evaluations.tables.review import (
    BatchSheet,
    Hold,
    ItemQuestion,
    ReviewBatch,
    ReviewClaim,
)
from panel.evaluations.tables.sheets import Draft, Submission

__all__ = [
    "BatchSheet",
    "Draft",
    "Hold",
    "InfluenceReport",
    "ItemQuestion",
    "Lead",
    "PaperScan",
    "PaperSheet",
    "Photo",
    "ReviewBatch",
    "ReviewClaim",
    "Submission",
    "Whereabouts",
]
