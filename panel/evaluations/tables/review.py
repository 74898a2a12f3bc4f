"""Tables of review: who reads a sheet now, what was asked of its visitor, what waits and why."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.evaluations.tables.sheets import Submission


class ReviewClaim(Table, tablename="review_claim"):
    """Who has a sheet open for review, and until when nobody else is given it."""

    id: Serial
    sheet = ForeignKey(Submission, null=False, default=None, unique=True)
    person = Integer(index=True)
    until = Timestamptz(default=None)


class ItemQuestion(Table, tablename="review_question"):
    """What a reviewer asks about one item of a sheet that goes back to its visitor."""

    id: Serial
    sheet = ForeignKey(Submission, null=False, default=None)
    item = Varchar(length=40)
    reason = Text()

    one_per_item = Unique([sheet, item])


class Hold(Table, tablename="review_hold"):
    """A sheet that waits for a further visit or a paper, and what came of it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    sheet = ForeignKey(Submission, null=False, default=None)
    reason = Text()
    revisit = Boolean(default=False)
    held_by = Integer()
    held_at = Timestamptz(default=None)
    decide_by = Timestamptz(default=None)
    round = Varchar(length=10, default="")
    """The round that was planned to look again; empty while there is none."""
    planned_by = Integer(null=True, default=None)
    released_by = Integer(null=True, default=None)
    released_at = Timestamptz(null=True, default=None)
    outcome = Text(default="")

    open_once = Index([sheet], unique=True, where="released_at IS NULL")


class ReviewBatch(Table, tablename="review_batch"):
    """Clean sheets that one reviewer accepts together, once a sample by lot was looked at."""

    id: Serial
    code = Varchar(length=10, unique=True)
    person = Integer(index=True)
    seed = Varchar(length=64)
    """With the codes of the sheets it fixes the sample; both stand in the history."""
    commitment = Varchar(length=64)
    started_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
    accepted = Integer(default=0)
    """How many sheets were accepted together in the end."""


class BatchSheet(Table, tablename="review_batch_sheet"):
    """One sheet of a batch; those of the sample are looked at one by one."""

    id: Serial
    batch = ForeignKey(ReviewBatch, null=False, default=None)
    sheet = ForeignKey(Submission, null=False, default=None, index=True)
    sample = Boolean(default=False)

    once = Unique([batch, sheet])
