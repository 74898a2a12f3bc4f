"""Commands of visits: a round's steps, the draw, a member's answers, what sheets do to tasks."""

from panel.visits.commands.barring import bar
from panel.visits.commands.claims import claim
from panel.visits.commands.confirming import confirm, outlook
from panel.visits.commands.covert import look, note_recognised, recognised, see
from panel.visits.commands.drawing import commit, draw
from panel.visits.commands.ending import cancel
from panel.visits.commands.identities import open_upcoming, open_visitor
from panel.visits.commands.numbers import enter_numbers
from panel.visits.commands.open_visits import (
    check_in,
    post_notice,
    withdraw_notice,
)
from panel.visits.commands.planning import plan_next
from panel.visits.commands.records import take_record
from panel.visits.commands.reminding import remind_due
from panel.visits.commands.returning import take_back, take_back_unfit
from panel.visits.commands.rounds import approve, close, mark_computed, plan, revise
from panel.visits.commands.targeting import confirm_targets, enter_counts, import_counts
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
    "bar",
    "brief",
    "cancel",
    "check_in",
    "claim",
    "close",
    "commit",
    "complete",
    "confirm",
    "confirm_targets",
    "decline",
    "draw",
    "enter_counts",
    "enter_numbers",
    "give_back",
    "import_counts",
    "lapse_due",
    "look",
    "mark_computed",
    "not_possible",
    "note_recognised",
    "open_upcoming",
    "open_visitor",
    "outlook",
    "plan",
    "plan_next",
    "post_notice",
    "recognised",
    "recuse",
    "remind_due",
    "revise",
    "see",
    "settle",
    "start",
    "take_back",
    "take_back_unfit",
    "take_record",
    "withdraw_notice",
]
