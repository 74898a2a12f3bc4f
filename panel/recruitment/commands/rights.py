"""People's rights to their data: correction, erasure, deletion of the unsuccessful."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid, Missing
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import ExclusionKind
from panel.recruitment import queries as campaigns
from panel.recruitment.commands.applications import KEPT, household_hash
from panel.recruitment.queries import keyed, tenure
from panel.recruitment.queries import rights as reads
from panel.recruitment.rules import applications as reading
from panel.recruitment.rules import identity
from panel.recruitment.rules import rights as rules
from panel.recruitment.rules import terms as texts
from panel.recruitment.tables import Application, Correction, Proceeding, Renewal
from panel.recruitment.types.terms import (
    OWN_FIELDS,
    Change,
    RequestKind,
    RequestState,
    RequestView,
)
from panel.roster import queries as roster
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.types import Identity

_TEXT: Final = "text/plain"
_LOOK: Final = "correction"
_ERASED: Final = "right.erased"
_ERASURE: Final = "all"
"""What a wish for erasure names instead of a field."""


def _self(actor: Actor) -> tuple[Code, PersonId]:
    actor.require(Role.MEMBER)
    if actor.member is None or actor.person is None:
        raise Missing("member.unknown")
    return actor.member, actor.person


async def correct(actor: Actor, change: Change, *, at: dt.datetime) -> None:
    """Correct one's own phone, address or employer; a judged employer becomes a recusal."""
    member, person = _self(actor)
    async with entry(actor, "recruitment.correct", at=at) as note:
        kept = await identities.reveal_own(person)
        changed = rules.read_change(change, kept)
        fields = [each for each in OWN_FIELDS if getattr(kept, each) != getattr(changed, each)]
        await vault.replace(person, changed)
        if "address" in fields:
            await _rehouse(note, person, changed.address)
        if change.hall:
            await _move(member, person, change.hall)
            fields.append("hall")
        typed = identity.tidy(change.unit or change.employer)
        unit = (await roster.unit_references()).get(typed) if typed else None
        if unit is not None:
            await members.exclude(actor, member, unit, ExclusionKind.EMPLOYER, at=at)
        await insert_rows(
            Correction,
            [
                Correction(
                    code=fresh_code(),
                    person=person,
                    kind=RequestKind.CORRECTION,
                    field=field,
                    state=RequestState.DONE,
                    asked_at=at,
                    decided_at=at,
                    decided_by=person,
                )
                for field in fields
            ],
        )
        note.about("correction", "", fields=",".join(fields))


async def _rehouse(note: Note, person: PersonId, address: str) -> None:
    """Write by which home a person is recognised; a drawn pool stays as it was frozen."""
    home = household_hash(address)
    await members.rehouse(person, home)
    rows = (
        await Application.update({Application.household: home})
        .where(Application.person == person)
        .returning(*Application.all_columns())
    )
    for row in rows:
        note.seal(Application(**row), *KEPT)


async def _move(member: Code, person: PersonId, hall: str) -> None:
    """Write the place of the hall that is nearest now; the district, a quota's, stays."""
    places = {each.code: each for each in await roster.halls()}
    found = places.get(Code(hall))
    if found is None:
        raise Invalid("form.faults", Fault("hall", "form.required"))
    place = reading.rounded(found.latitude, found.longitude)
    await members.move(member, place.latitude, place.longitude)
    await Application.update(
        {Application.latitude: place.latitude, Application.longitude: place.longitude}
    ).where(Application.person == person)


async def ask_correction(actor: Actor, field: str, text: str, *, at: dt.datetime) -> RequestView:
    """Ask the office to correct one's name or id number."""
    _, person = _self(actor)
    wish = rules.read_wish(field, text)
    return await _ask(actor, person, field, wish, at=at)


async def ask_erasure(actor: Actor, *, at: dt.datetime) -> RequestView:
    """Ask for the erasure of one's data once the term has ended and nothing is open any more."""
    _, person = _self(actor)
    return await _ask(actor, person, _ERASURE, "", at=at)


async def record_erasure(actor: Actor, member: Code, *, at: dt.datetime) -> RequestView:
    """Take in a wish for erasure on paper, of somebody whose card has ended."""
    actor.require(Role.COORDINATOR)
    view = await seats.member(member)
    return await _ask(actor, view.person, _ERASURE, "", at=at)


async def _ask(
    actor: Actor, person: PersonId, field: str, wish: str, *, at: dt.datetime
) -> RequestView:
    """Keep a wish; the same one twice is refused while the first waits."""
    code = fresh_code()
    kind = RequestKind.ERASURE if field == _ERASURE else RequestKind.CORRECTION
    try:
        async with entry(actor, "recruitment.ask", at=at) as note:
            rules.may_ask(field, await reads.requests_of(person))
            sealed = await vault.attach(person, wish.encode(), _TEXT, at=at) if wish else ""
            await insert_rows(
                Correction,
                [
                    Correction(
                        code=code,
                        person=person,
                        kind=kind,
                        field=field,
                        text=sealed,
                        state=RequestState.ASKED,
                        asked_at=at,
                    )
                ],
            )
            note.about("correction", code, wish=kind.value, field=field)
    except Duplicate:
        raise Conflict("right.asked_already") from None
    return await reads.request(code)


async def look_wish(actor: Actor, code: Code, *, at: dt.datetime) -> tuple[str, str]:
    """Show the office what stands and what is asked for; the look is logged and shown."""
    actor.require(Role.COORDINATOR)
    found = await reads.request(code)
    if not found.text:
        raise Missing("right.unknown")
    async with entry(actor, "recruitment.look_wish", at=at, reason=_LOOK):
        kept = await vault.look(actor, found.person, (found.field,), _LOOK, at=at)
        (opened,) = await vault.look_attached(actor, found.person, [Code(found.text)], _LOOK, at=at)
    return str(getattr(kept, found.field)), opened.data.decode()


async def decide(
    actor: Actor, code: Code, *, grant: bool, reason: str, at: dt.datetime
) -> RequestView:
    """Do what a person asked about the own data, or refuse it with a reason that is told."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.decide", at=at) as note:
        found = await reads.request(code)
        rules.may_decide(found, actor)
        told = texts.text_given(reason, "reason")
        erased = grant and found.kind is RequestKind.ERASURE
        sealed = "" if erased else await vault.attach(found.person, told.encode(), _TEXT, at=at)
        state = RequestState.DONE if grant else RequestState.REFUSED
        done = (
            await Correction.update(
                {
                    Correction.state: state,
                    Correction.decided_at: at,
                    Correction.decided_by: actor.person,
                    Correction.reason: sealed,
                }
            )
            .where(Correction.id == found.id, Correction.state == RequestState.ASKED)
            .returning(Correction.id)
        )
        if not done:
            raise Conflict("right.decided")
        if erased:
            await _erase(actor, note, found.person, at=at)
        elif grant:
            await _correct(note, found)
        note.about("correction", code, state=state.value, field=found.field)
    return await reads.request(code)


async def _correct(note: Note, found: RequestView) -> None:
    """Write the name or number that was asked for, and what it is found by."""
    wish = (await identities.attachment(found.person, Code(found.text))).data.decode()
    kept = await identities.reveal_own(found.person)
    changed = Identity(
        name=wish if found.field == "name" else kept.name,
        phone=kept.phone,
        national_id=wish if found.field == "national_id" else kept.national_id,
        address=kept.address,
        employer=kept.employer,
    )
    await vault.replace(found.person, changed)
    if found.field == "national_id":
        row = (
            await Application.select(Application.campaign.code.as_alias("campaign"))
            .where(Application.person == found.person)
            .first()
        )
        await vault.identify(found.person, changed, row["campaign"] if row else "")
        await _renumber(note, found.person, wish)


async def _renumber(note: Note, person: PersonId, number: str) -> None:
    """Write what follows from an id number: mark, birth year, sex and age band.

    The seat follows, so that the panel's make-up is counted right; a pool that was drawn from
    stays as it was frozen.
    """
    card = identity.read_national_id(number)
    if isinstance(card, str):
        raise Invalid("form.faults", Fault("text", card))
    for row in await Application.select(
        Application.id, Application.age_band, Application.campaign.code.as_alias("campaign")
    ).where(Application.person == person):
        campaign = await campaigns.campaign(Code(row["campaign"]))
        band = reading.age_band(card, await campaigns.terms(campaign), row["age_band"])
        (changed,) = (
            await Application.update(
                {
                    Application.mark: keyed.mark(card.number),
                    Application.birth_year: card.born.year,
                    Application.sex: card.sex,
                    Application.age_band: band,
                }
            )
            .where(Application.id == row["id"])
            .returning(*Application.all_columns())
        )
        note.seal(Application(**changed), *KEPT)
        await members.refeature(person, campaign.code, card.sex, band)


async def _erase(actor: Actor, note: Note, person: PersonId, *, at: dt.datetime) -> None:
    """Destroy a person's data; sheets stay, but nothing leads to them any more."""
    held = await seats.seats_of(person)
    rules.may_erase(
        held,
        await tenure.proceedings_of(person),
        at,
        hearings=await reads.hearings_open(held),
    )
    renamed = await members.unlink(actor, person, at=at)
    for old, new in renamed.items():
        await Proceeding.update({Proceeding.member: new}).where(Proceeding.member == old)
        await Renewal.update({Renewal.member: new, Renewal.renewed: ""}).where(
            Renewal.member == old
        )
    own = await Application.select(Application.id).where(Application.person == person)
    await blank(note, [row["id"] for row in own], at=at)
    await vault.erase(actor, person, _ERASED, at=at)


async def blank(note: Note, numbers: list[int], *, at: dt.datetime) -> None:
    """Empty the columns of applications that could lead to a person; what is counted stays."""
    if not numbers:
        return
    rows = (
        await Application.update(
            {
                Application.erased_at: at,
                Application.household: "",
                Application.mark: "",
                Application.receipt_hash: "",
                Application.body_digest: "",
                Application.occupation: "",
                Application.birth_year: 0,
                Application.latitude: None,
                Application.longitude: None,
                Application.exclusions: "[]",
                Application.question: "",
                Application.answer: "",
            }
        )
        .where(Application.id.is_in(numbers))
        .returning(*Application.all_columns())
    )
    for row in rows:
        note.seal(Application(**row), *KEPT)
