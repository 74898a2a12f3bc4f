"""Enums and frozen structs of rankings."""

from panel.rankings.types.procedure import (
    AnswerState,
    AnswerView,
    ListView,
    OwnRanking,
    PublicationView,
    RankingState,
    RankingView,
    Rest,
    Row,
    WindowFigure,
)
from panel.rankings.types.ranking import (
    Cell,
    Entry,
    Kind,
    Method,
    Naming,
    RankList,
    Scope,
    Sheet,
    Standing,
    Subject,
)

__all__ = [
    "AnswerState",
    "AnswerView",
    "Cell",
    "Entry",
    "Kind",
    "ListView",
    "Method",
    "Naming",
    "OwnRanking",
    "PublicationView",
    "RankList",
    "RankingState",
    "RankingView",
    "Rest",
    "Row",
    "Scope",
    "Sheet",
    "Standing",
    "Subject",
    "WindowFigure",
]
