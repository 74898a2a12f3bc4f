"""Tables of messages."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from panel.db import Index
from panel.vault.tables import Person


class Contact(Table, tablename="message_contact"):
    """How a person wants to be told; whoever never chose has no row."""

    id: Serial
    person = ForeignKey(Person, null=False, default=None, unique=True)
    channel = Varchar(length=10)
    lang = Varchar(length=5)
    changed_at = Timestamptz(default=None)


class Message(Table, tablename="message"):
    """One message of the outbox; once it is sent the row forgets its person.

    ``dedupe`` is a keyed hash of person and occasion, so that nothing is said twice.
    """

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=20)
    channel = Varchar(length=10)
    lang = Varchar(length=5)
    person = ForeignKey(Person, null=True, default=None)
    state = Varchar(length=10)
    run_at = Timestamptz(default=None)
    made_at = Timestamptz(default=None)
    attempts = Integer(default=0)
    error = Varchar(length=80, default="")
    settled_on = Date(null=True, default=None)
    dedupe = Varchar(length=64, unique=True)
    batch = Varchar(length=10, default="")
    about = Varchar(length=10, default="")
    cost_hundredths = Integer(default=0)

    cost_not_negative = Check(cost_hundredths >= 0)
    to_send = Index([state, run_at])


class MessageBatch(Table, tablename="message_batch"):
    """A message that a coordinator sent to many, with what it was said to cost."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=20)
    audience = Varchar(length=20)
    sms = Integer(default=0)
    email = Integer(default=0)
    call = Integer(default=0)
    cost_hundredths = Integer(default=0)
    reason = Text(default="")
    created_by = Varchar(length=60)
    created_at = Timestamptz(default=None)
