"""Reads of rankings, answers and publications."""

from panel.rankings.queries.appeals import appeals_of, under_appeal
from panel.rankings.queries.deliveries import deliveries, delivery
from panel.rankings.queries.inputs import (
    editions,
    gathered,
    sealed,
    sealed_context,
    sealed_text,
    undecided,
    visited,
)
from panel.rankings.queries.lists import lists, own, own_rounds
from panel.rankings.queries.procedure import (
    answer,
    answers,
    open_answers,
    publications,
    published,
    ranking,
    rankings,
    unsealed,
)
from panel.rankings.queries.proofs import published_with

__all__ = [
    "answer",
    "answers",
    "appeals_of",
    "deliveries",
    "delivery",
    "editions",
    "gathered",
    "lists",
    "open_answers",
    "own",
    "own_rounds",
    "publications",
    "published",
    "published_with",
    "ranking",
    "rankings",
    "sealed",
    "sealed_context",
    "sealed_text",
    "undecided",
    "under_appeal",
    "unsealed",
    "visited",
]
