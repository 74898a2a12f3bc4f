"""Writing, proposing and approving measures."""

from panel.rulebook.commands.drafts import discard, edit, propose_draft, start
from panel.rulebook.commands.trials import begin_trial, keep_trial, note_progress
from panel.rulebook.commands.versions import approve, give_back, propose, withdraw

__all__ = [
    "approve",
    "begin_trial",
    "discard",
    "edit",
    "give_back",
    "keep_trial",
    "note_progress",
    "propose",
    "propose_draft",
    "start",
    "withdraw",
]
