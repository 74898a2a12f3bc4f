"""Reads of rankings, answers and publications."""

from panel.rankings.queries.inputs import editions, gathered, sealed, sealed_context, undecided
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

__all__ = [
    "answer",
    "answers",
    "editions",
    "gathered",
    "lists",
    "open_answers",
    "own",
    "own_rounds",
    "publications",
    "published",
    "ranking",
    "rankings",
    "sealed",
    "sealed_context",
    "undecided",
    "unsealed",
]
