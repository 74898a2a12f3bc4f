"""Objections to proposed members: filing, deciding, reading the reply."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel import keys
from panel.accounts.commands import limits
from panel.actor import ANYBODY, Actor, Role, Signature
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Missing, Refusal
from panel.ids import Code, PersonId, read_code, read_key
from panel.recruitment import queries as campaigns
from panel.recruitment.commands import papers, turns
from panel.recruitment.commands.notice import mark
from panel.recruitment.queries import notice
from panel.recruitment.queries import objections as queries
from panel.recruitment.rules import notice as periods
from panel.recruitment.rules import objections as rules
from panel.recruitment.tables import Application, Objection
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.notice import (
    Answer,
    Decision,
    Ground,
    NoticedState,
    NoticedView,
    ObjectionForm,
    ObjectionReceipt,
    ObjectionState,
    ObjectionView,
    Outcome,
)
from panel.recruitment.types.paper import PaperAct
from panel.vault import commands as vault
from panel.vault.types import Identity, OpeningKind, Purpose

FREE_TRIES = 10
_TEXT = "text/plain"
_OPENED = ("name", "phone")
_WHY_OPENED = "identity.opened.objector"
_KEPT = ("code", "ground", "state", "decision", "document", "decided_by")
_GONE = frozenset({ApplicationState.STRUCK, ApplicationState.WITHDRAWN})


async def object_to(
    campaign: Code, form: ObjectionForm, *, key: str, at: dt.datetime
) -> ObjectionReceipt:
    """Take in an objection; the same key gives the same receipt, with other content a refusal."""
    read_key(key)
    sent = keys.current().hash("person", "objection", msgspec.json.encode(form).decode())
    earlier = await _earlier(campaign, key, sent)
    if earlier is not None:
        return earlier
    try:
        return await _take_in(campaign, form, key, sent, at)
    except Duplicate:
        # Eight identical posts at once: one row, and its receipt for each of them.
        earlier = await _earlier(campaign, key, sent)
        if earlier is None:
            raise
        return earlier


async def _earlier(campaign: Code, key: str, sent: str) -> ObjectionReceipt | None:
    found = await queries.receipt(await campaigns.announced_campaign(campaign), key)
    if found is None:
        return None
    receipt, stored = found
    if stored != sent:
        raise Conflict("objection.other_content", number=receipt.number)
    return receipt


async def readable(code: Code, form: ObjectionForm, *, at: dt.datetime) -> Ground:
    """Refuse an objection that could not be taken in, for the page that shows it before."""
    ground, _ = await _read(await campaigns.announced_campaign(code), form, at)
    return ground


async def _read(
    campaign: CampaignView, form: ObjectionForm, at: dt.datetime
) -> tuple[Ground, NoticedView | None]:
    """Return the ground of an objection and whom it is about; every fault by its field."""
    overview = await notice.overview(campaign, at=at)
    periods.may_be_seen(campaign.state, overview)
    ground = rules.check_objection(form)
    noticed = None
    if form.ticket.strip():
        noticed = await notice.one_noticed(campaign, read_code(form.ticket))
    rules.may_object(overview, noticed, at)
    return ground, noticed


async def _take_in(
    code: Code, form: ObjectionForm, key: str, sent: str, at: dt.datetime
) -> ObjectionReceipt:
    async with entry(ANYBODY, "recruitment.object", at=at) as note:
        campaign = await turns.alone(code)
        ground, noticed = await _read(campaign, form, at)
        person = await vault.enrol(
            Identity(name=form.name, phone=form.phone), at=at, purpose=Purpose.REPORTER
        )
        row = Objection(
            code=fresh_code(),
            campaign=campaign.id,
            application=noticed.application_id if noticed else None,
            person=person,
            ground=ground,
            text=await vault.attach(person, form.text.encode(), _TEXT, at=at),
            key=key,
            body_digest=sent,
            state=ObjectionState.OPEN,
            filed_at=at,
        )
        await insert_rows(Objection, [row])
        note.about("objection", row.code, campaign=code, ground=ground.value)
    found = await queries.receipt(campaign, key)
    if found is None:
        raise Missing("objection.unknown")
    return found[0]


async def decide(
    actor: Actor,
    number: Code,
    outcome: Outcome,
    *,
    at: dt.datetime,
    paper: Signature | None = None,
) -> ObjectionView:
    """Decide an objection with finding and reply; upheld, it strikes the proposed member.

    Neither the campaign's author decides (a leader's signature on paper may stand for another
    person), nor who gave a verdict on the application.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.decide_objection", at=at, paper=paper) as note:
        view = await queries.objection(number)
        campaign = await turns.alone(view.campaign)
        await papers.second(campaign.author, actor, paper, PaperAct.OBJECTION, number, at=at)
        rules.may_decide(view, outcome, judged=await queries.vetted_by(view.ticket, actor.person))
        decided = (
            await Objection.update(
                {
                    Objection.state: ObjectionState.DECIDED,
                    Objection.decision: outcome.decision,
                    Objection.finding: await _sealed(view.person, outcome.finding, at),
                    Objection.reply: await _sealed(view.person, outcome.reply, at),
                    Objection.document: outcome.document.strip(),
                    Objection.decided_at: at,
                    Objection.decided_by: actor.person,
                }
            )
            .where(Objection.id == view.id, Objection.state == ObjectionState.OPEN)
            .returning(Objection.id)
        )
        if not decided:
            raise Conflict("objection.decided")
        if outcome.decision is Decision.UPHELD and view.ticket is not None:
            await _strike(await notice.one_noticed(campaign, view.ticket))
        row = await Objection.objects().where(Objection.id == view.id).first()
        if row is not None:
            note.seal(row, *_KEPT)
        note.about("objection", number, decision=outcome.decision.value)
        return await queries.objection(number)


async def _sealed(person: PersonId, text: str, at: dt.datetime) -> Code:
    return await vault.attach(person, text.strip().encode(), _TEXT, at=at)


async def _strike(noticed: NoticedView) -> None:
    """Strike a proposed member; whoever withdrew or was struck before stays as they are."""
    if noticed.application in _GONE:
        return
    struck = (
        await Application.update(
            {Application.state: ApplicationState.STRUCK, Application.reason: "objection"}
        )
        .where(
            Application.id == noticed.application_id,
            Application.state == ApplicationState.SELECTED,
        )
        .returning(Application.id)
    )
    if not struck:
        raise Conflict("notice.changed")
    await mark([noticed.application_id], noticed.state, NoticedState.STRUCK)


async def read_texts(
    actor: Actor, number: Code, reason: str, *, at: dt.datetime
) -> tuple[str, ...]:
    """Open what was objected, found and replied, in this order; the look is logged.

    Who objects stays sealed until two persons open it.
    """
    actor.require(Role.COORDINATOR)
    view = await queries.objection(number)
    attached = await vault.look_attached(
        actor, view.person, await queries.texts(number), reason, at=at
    )
    return tuple(each.data.decode() for each in attached)


async def open_objector(actor: Actor, opening: Code, *, at: dt.datetime) -> Identity:
    """Open who objected, once, after another person approved it; the objector's data says so."""
    async with entry(actor, "recruitment.open_objector", at=at) as note:
        granted = await vault.redeem(actor, opening, OpeningKind.OBJECTOR, at=at)
        view = await queries.objection(read_code(granted.ref))
        note.about("opening", opening, opened=True)
        return await vault.look(actor, view.person, _OPENED, _WHY_OPENED, at=at)


async def read_answer(
    campaign: Code, number: str, code: str, caller: str, *, at: dt.datetime
) -> Answer:
    """Open the reply with number and receipt code; wrong and unknown ones are refused alike.

    Ten tries of a caller are free, then each waits longer. Joins no other command.
    """
    typed, secret = _as_code(number), _as_code(code)
    turn = f"objection {campaign} {typed} {caller}"
    await limits.take_turn(turn, at=at, free=FREE_TRIES)
    found = await queries.answer(await campaigns.announced_campaign(campaign), typed, secret)
    if found is None:
        await limits.note_failure(caller, at=at)
        raise Missing("objection.no_receipt")
    await limits.forgive(turn)
    return found


def _as_code(text: str) -> str:
    """Return a code as typed, and one that opens nothing where it can't be one."""
    try:
        return read_code(text)
    except Refusal:
        return ""
