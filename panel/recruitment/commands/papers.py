"""A leader's signature on paper: entered by one person, confirmed by another who acts on it."""

from __future__ import annotations

import datetime as dt

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.ids import Code, PersonId
from panel.recruitment.queries import papers
from panel.recruitment.tables import PaperEntry
from panel.recruitment.types.paper import PaperAct, PaperState, PaperView
from panel.workdays import SHANGHAI

ENTERING = (Role.COORDINATOR, Role.PUBLISHER)
"""Who may enter what a leader signed, or take an entry back."""


async def enter(
    actor: Actor, act: PaperAct, subject: Code, paper: Signature, *, at: dt.datetime
) -> PaperView:
    """Enter what a leader signed on paper; it changes nothing until another person confirms it.

    Refused without document, post, scan, with a day still to come, and beside another one that
    waits for the same act.
    """
    actor.require(*ENTERING)
    if actor.person is None:
        raise Forbidden("approval.same_person")
    _check(paper, at)
    row = PaperEntry(
        code=fresh_code(),
        act=act,
        subject=subject,
        document=paper.document.strip(),
        signer=paper.signer.strip(),
        signed_on=paper.signed_on,
        scan=paper.scan,
        state=PaperState.WAITING,
        entered_by=actor.person,
        entered_at=at,
    )
    try:
        async with entry(actor, "recruitment.enter_paper", at=at, paper=paper) as note:
            await insert_rows(PaperEntry, [row])
            note.about("paper", row.code, act=act.value, subject=subject)
    except Duplicate:
        raise Conflict("paper.waits_already") from None
    return await papers.paper(Code(row.code))


def _check(paper: Signature, at: dt.datetime) -> None:
    named = (
        ("paper_document", paper.document),
        ("paper_signer", paper.signer),
        ("paper_scan", paper.scan),
    )
    faults = [Fault(name, "form.required") for name, text in named if not text.strip()]
    if paper.signed_on > at.astimezone(SHANGHAI).date():
        faults.append(Fault("paper_date", "paper.day"))
    if faults:
        raise Invalid("form.faults", *faults)


async def discard(actor: Actor, code: Code, *, at: dt.datetime) -> None:
    """Take an entry back that is wrong; its line stays in the history."""
    actor.require(*ENTERING)
    async with entry(actor, "recruitment.discard_paper", at=at) as note:
        found = await papers.paper(code)
        await _settle(found, PaperState.DISCARDED, actor.person, at)
        note.about("paper", code, discarded=True)


async def second(
    author: PersonId | None,
    actor: Actor,
    paper: Signature | None,
    act: PaperAct,
    subject: Code,
    *,
    at: dt.datetime,
) -> None:
    """Refuse an approval by the author alone; joins the caller's command.

    A leader's signature on paper may stand for the second person where one person entered it
    and another one, who now acts, confirms it: so no account passes by itself what takes two.
    """
    if paper is None:
        second_person(author, actor)
        return
    await confirm(actor, paper, act, subject, at=at)


async def confirm(
    actor: Actor, paper: Signature, act: PaperAct, subject: Code, *, at: dt.datetime
) -> None:
    """Confirm what another person entered; joins the caller's command."""
    found = await papers.waiting(act, subject)
    if found is None or found.signature != paper:
        raise Conflict("paper.not_entered")
    second_person(found.entered_by, actor)
    await _settle(found, PaperState.CONFIRMED, actor.person, at)


async def _settle(
    found: PaperView, state: PaperState, person: PersonId | None, at: dt.datetime
) -> None:
    done = (
        await PaperEntry.update(
            {PaperEntry.state: state, PaperEntry.settled_by: person, PaperEntry.settled_at: at}
        )
        .where(PaperEntry.id == found.id, PaperEntry.state == PaperState.WAITING)
        .returning(PaperEntry.id)
    )
    if not done:
        raise Conflict("paper.settled")
