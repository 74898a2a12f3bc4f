"""Decisions about measures: pure, by subject."""

from panel.rulebook.rules.answers import published
from panel.rulebook.rules.approving import may_approve, may_edit, may_return, may_withdraw
from panel.rulebook.rules.changes import changes
from panel.rulebook.rules.checking import DEADLINES, METHODS, check
from panel.rulebook.rules.editing import apply, piece
from panel.rulebook.rules.reading import content, fingerprint, read, tidy
from panel.rulebook.rules.writing import toml

__all__ = [
    "DEADLINES",
    "METHODS",
    "apply",
    "changes",
    "check",
    "content",
    "fingerprint",
    "may_approve",
    "may_edit",
    "may_return",
    "may_withdraw",
    "piece",
    "published",
    "read",
    "tidy",
    "toml",
]
