"""Tables of evaluations; a sheet names its task, never a member."""

from __future__ import annotations

from typing import Final

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.db import Index
from panel.visits.tables import Task


class Draft(Table, tablename="sheet_draft"):
    """What a visitor has typed so far, encrypted: it may hold an accusation."""

    id: Serial
    task = ForeignKey(Task, null=False, default=None, unique=True)
    content = Text()
    started_at = Timestamptz(default=None)
    saved_at = Timestamptz(default=None)


AGAIN: Final = "state = 'accepted' AND (void_reason <> '' OR flags LIKE '%recheck%')"
"""Accepted sheets that somebody proposed to void, or that are to be looked at again."""


class Submission(Table, tablename="sheet_submission"):
    """One version of a sent sheet; answers are canonical JSON without sealed accusations."""

    id: Serial
    code = Varchar(length=10, unique=True)
    task = ForeignKey(Task, null=False, default=None)
    version = Integer()
    form_key = Varchar(length=40)
    rulebook = Varchar(length=10)
    rulebook_hash = Varchar(length=64)
    answers = Text()
    sealed = Text(default="")
    """Accusations for the discipline office alone, encrypted."""
    score = Integer()
    answered_weight = Integer()
    key = Varchar(length=64)
    body_digest = Varchar(length=64)
    texts_digest = Varchar(length=64, default="", index=True)
    """Keyed digest of the longer comments, to notice copied ones."""
    visited_on = Date(default=None)
    errand = Varchar(length=10)
    filled_at = Timestamptz(default=None)
    received_at = Timestamptz(default=None)
    late = Boolean(default=False)
    flags = Varchar(length=120, default="")
    urgency = Integer(default=0)
    state = Varchar(length=10)
    reviewed_by = Integer(null=True, default=None)
    reviewed_at = Timestamptz(null=True, default=None)
    review_reason = Text(default="")
    void_reason = Varchar(length=40, default="")
    void_by = Integer(null=True, default=None)
    void_at = Timestamptz(null=True, default=None)
    void_confirmed_by = Integer(null=True, default=None)
    veto_confirmed = Boolean(default=False)

    one_per_version = Unique([task, version])
    one_per_key = Unique([task, key])
    score_is_a_percentage = Check((score >= 0) & (score <= 10_000))  # noqa: PLR2004
    waiting = Index([state, urgency, received_at])
    by_form = Index([rulebook, form_key])
    again = Index([state], where=AGAIN)
