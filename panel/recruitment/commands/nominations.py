"""Nominations by organisations: filed, consented to by the nominee, refused, lapsed, barred."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import msgspec

from panel import keys
from panel.accounts.commands import limits
from panel.actor import ANYBODY, SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical, digest
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid, Missing, Refusal
from panel.ids import Code, PersonId, read_code, read_key
from panel.notices import commands as notices
from panel.notices.types import Channel as By
from panel.notices.types import MessageKind, Preference
from panel.recruitment import queries
from panel.recruitment.queries import keyed
from panel.recruitment.queries import nominations as reads
from panel.recruitment.rules import campaigns as campaign_rules
from panel.recruitment.rules import nominations as rules
from panel.recruitment.rules.terms import calendar_of
from panel.recruitment.tables import Nomination, NominationBar
from panel.recruitment.types.applications import (
    Channel,
    Nominated,
    NominationForm,
    NominationState,
    NominationTexts,
    NominationView,
    Proposal,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.vault.types import Attached, Identity

FREE_TRIES = 10
"""Tries of a receipt or consent code that cost no waiting."""
_PIECE = 500
_KEPT = ("code", "campaign", "organisation", "nominator", "channel")


async def nominate(
    campaign: Code,
    form: NominationForm,
    scan: Attached | None,
    *,
    key: str,
    at: dt.datetime,
    fault: Fault | None = None,
) -> Nominated:
    """File an organisation's proposal; the same key gives the same number, whatever comes twice.

    ``scan`` is the stamped form, ``fault`` what is wrong with it instead.
    Refused: without a nominator who can be named and called, without
    the scan, outside the time of applying, by whom is barred, the same key with other content.
    """
    read_key(key)
    scanned = hashlib.sha256(scan.data).hexdigest() if scan else ""
    sent = keys.current().hash("audit", canonical(rules.body(form, scanned)).decode())
    earlier = await _earlier(campaign, key, sent)
    if earlier is not None:
        return earlier
    try:
        return await _file(campaign, form, scan, key, sent, fault=fault, at=at)
    except Duplicate:
        # Eight identical posts at once: one row, and its number for each of them.
        earlier = await _earlier(campaign, key, sent)
        if earlier is None:
            raise
        return earlier


async def _earlier(campaign: Code, key: str, sent: str) -> Nominated | None:
    """Return what the key was given before; refuse the key with other content."""
    found = await reads.nominated(campaign, key)
    if found is None:
        return None
    if found[1] != sent:
        raise Conflict("nomination.other_content", number=found[0].number)
    return found[0]


async def _file(
    code: Code,
    typed: NominationForm,
    scan: Attached | None,
    key: str,
    sent: str,
    *,
    fault: Fault | None,
    at: dt.datetime,
) -> Nominated:
    async with entry(ANYBODY, "recruitment.nominate", at=at) as note:
        campaign = await queries.announced_campaign(code)
        campaign_rules.may_apply(campaign, at)
        form = _read(typed, scan, fault)
        rules.may_nominate(await reads.barred(form))
        row = await _store(note, campaign, form, scan, (key, sent), at=at)
        return Nominated(
            Code(row.code),
            keyed.consent_code(key),
            at,
            row.consent_until,
            invited=row.invited is not None,
        )


def _read(form: NominationForm, scan: Attached | None, fault: Fault | None) -> NominationForm:
    """Return the nomination as it is kept; name a missing or bad scan with the other faults."""
    missing = () if scan else (fault or Fault("scan", "form.required"),)
    try:
        read = rules.read(form)
    except Invalid as refusal:
        raise Invalid(refusal.code, *refusal.faults, *missing) from None
    if missing:
        raise Invalid("nomination.faults", *missing)
    return read


async def _store(
    note: Note,
    campaign: CampaignView,
    form: NominationForm,
    scan: Attached | None,
    sent: tuple[str, str],
    *,
    at: dt.datetime,
) -> Nomination:
    """Write a nomination as it was read; ``sent`` is its key and the digest of what was sent."""
    version = await rulebook.version(campaign.rulebook)
    key, body = sent
    number = fresh_code()
    contact = Identity(name=form.name, phone=form.phone, employer=form.organisation)
    person = await vault.enrol(contact, at=at)
    invited = await _invite(form, number, at=at)
    texts = msgspec.json.encode(NominationTexts(form.nominee, form.reasons))
    row = Nomination(
        code=number,
        campaign=campaign.id,
        organisation=form.organisation,
        post=form.post,
        nominator=person,
        invited=invited,
        texts=await vault.attach(person, texts, "application/json", at=at),
        scan=await vault.attach(person, scan.data, scan.media, at=at) if scan else "",
        secret_hash=keyed.receipt_hash(number, keyed.consent_code(key)),
        key=key,
        body_digest=body,
        channel=Channel.FORM,
        state=NominationState.PENDING,
        filed_at=at,
        consent_until=rules.consent_until(version.rulebook, calendar_of(version.rulebook), at),
    )
    (row.id,) = await insert_rows(Nomination, [row])
    note.seal(row, *_KEPT)
    note.about("nomination", number, filed=True)
    return row


async def _invite(form: NominationForm, number: Code, *, at: dt.datetime) -> PersonId | None:
    """Let the consent code go to the nominee directly, where an address was given."""
    if not (form.nominee_phone or form.nominee_email):
        return None
    nominee = await vault.enrol(
        Identity(name=form.nominee, phone=form.nominee_phone, email=form.nominee_email), at=at
    )
    if not form.nominee_phone:
        await notices.prefer(nominee, Preference(By.EMAIL), at=at)
    await notices.post([nominee], MessageKind.NOMINATED, number, at=at, about=number)
    return nominee


async def hand_over(actor: Actor, view: NominationView, reason: str, *, at: dt.datetime) -> Code:
    """Return the consent code for a slip that the office hands to the nominee; it is recorded."""
    actor.require(Role.COORDINATOR)
    if not reason.strip():
        raise Invalid("nomination.faults", Fault("slip", "form.required"))
    async with entry(actor, "recruitment.hand_over_code", at=at, reason=reason.strip()) as note:
        if view.state is not NominationState.PENDING:
            raise Conflict("nomination.answered")
        code = await reads.consent_code(view)
        note.about("nomination", view.number, handed=True)
    return code


async def open_by_code(
    campaign: Code, number: str, code: str, caller: str, *, at: dt.datetime
) -> Proposal:
    """Open a nomination by number and consent code, which only the nominee should hold.

    A wrong code and an unknown number are refused alike, as with receipts.
    """
    typed, secret = as_code(number), as_code(code)
    turn = f"consent {campaign} {typed} {caller}"
    failed = await limits.tries_left_open(turn, at=at)
    found = await reads.proposal(campaign, typed)
    wanted = keyed.receipt_hash(typed, secret)
    if found is None or not hmac.compare_digest(found[1], wanted):
        await limits.take_turn(turn, at=at, free=FREE_TRIES)
        await limits.note_failure(caller, at=at)
        raise Missing("nomination.no_code")
    if failed:
        await limits.forgive(turn)
    return await reads.opened(found[0])


def as_code(text: str) -> str:
    """Return a code as typed, and one that opens nothing where it can't be one."""
    try:
        return read_code(text)
    except Refusal:
        return ""


async def consent(
    note: Note, campaign: CampaignView, view: NominationView, nominee: PersonId, *, at: dt.datetime
) -> None:
    """Let the nominee's application make a nomination count; joins the application's command."""
    rules.may_answer(view, campaign, at)
    await _settle(view, NominationState.CONSENTED, at=at, nominee=nominee)
    note.about("nomination", view.number, consented=True)


async def refuse(view: NominationView, *, at: dt.datetime) -> None:
    """Let the nominee say no; sent twice it stays a no."""
    if view.state is NominationState.REFUSED:
        return
    async with entry(ANYBODY, "recruitment.refuse_nomination", at=at) as note:
        rules.may_answer(view, await queries.announced_campaign(view.campaign), at)
        await _settle(view, NominationState.REFUSED, at=at)
        note.about("nomination", view.number, refused=True)


async def withdraw(actor: Actor, view: NominationView, reason: str, *, at: dt.datetime) -> None:
    """Take back a nomination that nobody has consented to, when its organisation asks for it."""
    actor.require(Role.COORDINATOR)
    if not reason.strip():
        raise Invalid("nomination.faults", Fault("withdrawal", "form.required"))
    async with entry(actor, "recruitment.withdraw_nomination", at=at, reason=reason) as note:
        await _settle(view, NominationState.WITHDRAWN, at=at)
        note.about("nomination", view.number, withdrawn=True)


async def _settle(
    view: NominationView,
    state: NominationState,
    *,
    at: dt.datetime,
    nominee: PersonId | None = None,
) -> None:
    """Bring a pending nomination to its end, or refuse where somebody was faster."""
    updated = (
        await Nomination.update(
            {
                Nomination.state: state,
                Nomination.answered_at: at,
                Nomination.nominee: nominee,
            }
        )
        .where(Nomination.id == view.id, Nomination.state == NominationState.PENDING)
        .returning(Nomination.id)
    )
    if not updated:
        raise Conflict("nomination.answered")


async def lapse_due(*, at: dt.datetime) -> int:
    """Let nominations lapse whose nominees did not consent in time; return how many."""
    total = 0
    while lapsed := await _lapse(at):
        total += lapsed
    return total


async def _lapse(at: dt.datetime) -> int:
    """Let a piece of them lapse in one command."""
    late = (Nomination.state == NominationState.PENDING) & (Nomination.consent_until < at)
    due = await Nomination.select(Nomination.id).where(late).order_by(Nomination.id).limit(_PIECE)
    if not due:
        return 0
    async with entry(SYSTEM, "recruitment.lapse_nominations", at=at) as note:
        rows = (
            await Nomination.update({Nomination.state: NominationState.LAPSED})
            .where(Nomination.id.is_in([row["id"] for row in due]), late)
            .returning(Nomination.code)
        )
        note.bulk("nomination", [digest(row["code"]) for row in rows])
    return len(rows)


async def bar(
    actor: Actor, view: NominationView, reason: str, document: str, *, at: dt.datetime
) -> None:
    """Bar an organisation and its contact from nominating, because it nominated falsely.

    They are kept as keyed hashes; a pending nomination of this number is withdrawn with it.
    """
    actor.require(Role.COORDINATOR)
    why, paper = rules.read_bar(reason, document)
    try:
        async with entry(actor, "recruitment.bar_nominator", at=at, reason=why) as note:
            reasoned = f"{view.number} {paper}"
            contact = await vault.look(actor, view.nominator, ("name", "phone"), reasoned, at=at)
            marks = await reads.unbarred(view.organisation, contact.name, contact.phone)
            if not marks:
                raise Conflict("nomination.barred_already")
            await insert_rows(
                NominationBar,
                [
                    NominationBar(
                        mark=mark,
                        kind=kind,
                        nomination=view.id,
                        reason=why,
                        document=paper,
                        barred_at=at,
                        barred_by=actor.person,
                    )
                    for kind, mark in marks.items()
                ],
            )
            await Nomination.update(
                {Nomination.state: NominationState.WITHDRAWN, Nomination.answered_at: at}
            ).where(Nomination.id == view.id, Nomination.state == NominationState.PENDING)
            note.about("nomination", view.number, barred=True, document=paper)
    except Duplicate as fault:
        raise Conflict("nomination.barred_already") from fault
