"""Commands of visits: a round's steps, the draw, a member's answers, what sheets do to tasks."""

from panel.visits.commands.drawing import commit, draw
from panel.visits.commands.reminding import remind_due
from panel.visits.commands.returning import take_back, take_back_unfit
from panel.visits.commands.rounds import approve, close, mark_computed, plan, revise
from panel.visits.commands.tasks import (
    accept,
    brief,
    complete,
    decline,
    give_back,
    lapse_due,
    not_possible,
    recuse,
    settle,
    start,
)
from panel.visits.commands.words import (
    accept_by_word,
)

__all__ = [
    "accept",
    "accept_by_word",
    "approve",
    "brief",
    "close",
    "commit",
    "complete",
    "decline",
    "draw",
    "give_back",
    "lapse_due",
    "mark_computed",
    "not_possible",
    "plan",
    "recuse",
    "remind_due",
    "revise",
    "settle",
    "start",
    "take_back",
    "take_back_unfit",
]
