"""Tables of circulars."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.db import Index


class Bulletin(Table, tablename="bulletin"):
    """One circular from its draft to its end; lists are canonical JSON."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=14)
    audience = Varchar(length=10)
    state = Varchar(length=10)
    title = Varchar(length=120)
    title_en = Varchar(length=200, default="")
    text = Text()
    text_en = Text(default="")
    document = Varchar(length=80, default="")
    names = Text(default="[]")
    checked = Text(default="[]")
    written_by = Integer(null=True, default=None)
    written_at = Timestamptz(default=None)
    reviewed_by = Integer(null=True, default=None)
    publish_on = Date(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    named_until = Timestamptz(null=True, default=None)
    revision = Integer(default=0)

    to_publish = Index([state, publish_on])


class BulletinAddition(Table, tablename="bulletin_note"):
    """What was added to a published circular: a correction, or why it was withdrawn."""

    id: Serial
    bulletin = ForeignKey(Bulletin, null=False, default=None, index=True)
    text = Text()
    at = Timestamptz(default=None)
