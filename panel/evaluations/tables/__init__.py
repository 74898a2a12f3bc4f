"""Tables of evaluations; a sheet names its task, never a member."""

from panel.evaluations.tables.cells import CountedCell
from panel.evaluations.tables.exposures import Exposure, ExposureNote, Transfer
from panel.evaluations.tables.findings import (
    Evidence,
    Finding,
    FindingClock,
    FindingFile,
    FindingReply,
    FindingStep,
)
from panel.evaluations.tables.leads import (
    InfluenceReport,
    Lead,
)
from panel.evaluations.tables.paper import (
    PaperScan,
    PaperSheet,
)
from panel.evaluations.tables.photos import Photo, Whereabouts
from panel.evaluations.tables.releases import ResultCell, ResultComment, ResultRelease
from panel.evaluations.tables.review import (
    BatchSheet,
    Hold,
    ItemQuestion,
    ReviewBatch,
    ReviewClaim,
)
from panel.evaluations.tables.sheets import AGAIN, Draft, Submission

__all__ = [
    "AGAIN",
    "BatchSheet",
    "CountedCell",
    "Draft",
    "Evidence",
    "Exposure",
    "ExposureNote",
    "Finding",
    "FindingClock",
    "FindingFile",
    "FindingReply",
    "FindingStep",
    "Hold",
    "InfluenceReport",
    "ItemQuestion",
    "Lead",
    "PaperScan",
    "PaperSheet",
    "Photo",
    "ResultCell",
    "ResultComment",
    "ResultRelease",
    "ReviewBatch",
    "ReviewClaim",
    "Submission",
    "Transfer",
    "Whereabouts",
]
