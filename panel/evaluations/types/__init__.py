"""Values of evaluations: what a visitor answers, its score, the sheet as others may see it."""

from panel.evaluations.types.sheets import (
    Accusation,
    Answers,
    Blank,
    CountedSheet,
    DraftView,
    Filling,
    Flag,
    QueueItem,
    Reading,
    Receipt,
    Score,
    Share,
    SheetState,
    SheetView,
    Source,
    Wait,
)

__all__ = [
    "Accusation",
    "Answers",
    "Blank",
    "CountedSheet",
    "DraftView",
    "Filling",
    "Flag",
    "QueueItem",
    "Reading",
    "Receipt",
    "Score",
    "Share",
    "SheetState",
    "SheetView",
    "Source",
    "Wait",
]
