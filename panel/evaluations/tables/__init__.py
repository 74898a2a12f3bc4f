"""Tables of evaluations; a sheet names its task, never a member."""

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
    "ItemQuestion",
    "Photo",
    "ReviewBatch",
    "ReviewClaim",
    "Submission",
    "Whereabouts",
]
