"""Reads of nominations: views without names, and what the nominee may read."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.queries import keyed
from panel.recruitment.rules import nominations as rules
from panel.recruitment.tables import Application, Nomination, NominationBar
from panel.recruitment.types.applications import (
    BarKind,
    Channel,
    Nominated,
    NominationForm,
    NominationState,
    NominationTexts,
    NominationView,
    Proposal,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.vault import queries as identities


def _view(row: dict[str, Any]) -> NominationView:
    return NominationView(
        id=row["id"],
        number=Code(row["code"]),
        campaign=Code(row["campaign_code"]),
        organisation=row["organisation"],
        post=row["post"],
        nominator=PersonId(row["nominator"]),
        texts=Code(row["texts"]) if row["texts"] else None,
        scan=Code(row["scan"]) if row["scan"] else None,
        channel=Channel(row["channel"]),
        state=NominationState(row["state"]),
        filed_at=row["filed_at"],
        consent_until=row["consent_until"],
        answered_at=row["answered_at"],
    )


async def _row(campaign: Code, number: str) -> dict[str, Any] | None:
    return (
        await Nomination.select(
            *Nomination.all_columns(), Nomination.campaign.code.as_alias("campaign_code")
        )
        .where(Nomination.campaign.code == campaign, Nomination.code == number)
        .first()
    )


async def nomination(campaign: Code, number: Code) -> NominationView:
    """Return one nomination without the names of people."""
    row = await _row(campaign, number)
    if row is None:
        raise Missing("nomination.unknown")
    return _view(row)


async def nominations(campaign: CampaignView) -> list[NominationView]:
    """Return the nominations of a campaign, the newest first."""
    rows = (
        await Nomination.select(
            *Nomination.all_columns(), Nomination.campaign.code.as_alias("campaign_code")
        )
        .where(Nomination.campaign == campaign.id)
        .order_by(Nomination.id, ascending=False)
    )
    return [_view(row) for row in rows]


async def consent_code(view: NominationView) -> Code:
    """Return the code that opens a nomination for its nominee; nobody stores it."""
    row = await Nomination.select(Nomination.key).where(Nomination.id == view.id).first()
    if row is None or not row["key"]:
        raise Missing("nomination.unknown")
    return keyed.consent_code(row["key"])


async def invitation(number: str) -> tuple[Code, Code] | None:
    """Return campaign and consent code of a nomination that waits: for the message to its nominee.

    A machine that delivers what was asked for reads it, no person does.
    """
    row = (
        await Nomination.select(Nomination.key, Nomination.campaign.code.as_alias("campaign_code"))
        .where(Nomination.code == number, Nomination.state == NominationState.PENDING)
        .first()
    )
    return (Code(row["campaign_code"]), keyed.consent_code(row["key"])) if row else None


async def nominated(campaign: Code, key: str) -> tuple[Nominated, str] | None:
    """Return what an idempotency key was given, with the digest of what was sent."""
    row = (
        await Nomination.select()
        .where(Nomination.campaign.code == campaign, Nomination.key == key)
        .first()
    )
    if row is None:
        return None
    number, code = Code(row["code"]), keyed.consent_code(key)
    kept = Nominated(
        number, code, row["filed_at"], row["consent_until"], invited=row["invited"] is not None
    )
    return kept, row["body_digest"]


async def proposal(campaign: Code, number: str) -> tuple[NominationView, str] | None:
    """Return a nomination and the hash of its consent code, which whoever opens it compares."""
    row = await _row(campaign, number)
    return None if row is None else (_view(row), row["secret_hash"])


async def opened(view: NominationView) -> Proposal:
    """Return a nomination with its names: for the nominee, or after a logged look."""
    found = await identities.opened([view.nominator], ["name"])
    said = NominationTexts("", "")
    if view.texts is not None and view.nominator in found:
        kept = await identities.attachment(view.nominator, view.texts)
        said = msgspec.json.decode(kept.data, type=NominationTexts)
    name = found[view.nominator].name if view.nominator in found else ""
    return Proposal(view, name, said.nominee, said.reasons)


async def organisation(number: int) -> str:
    """Return the organisation of a nomination by its id."""
    row = await Nomination.select(Nomination.organisation).where(Nomination.id == number).first()
    return str(row["organisation"]) if row else ""


async def barred(form: NominationForm) -> bool:
    """Tell whether the organisation or its contact may not nominate any more."""
    return len(await unbarred(form.organisation, form.name, form.phone)) < len(BarKind)


def bar_marks(organisation: str, name: str, phone: str) -> dict[str, str]:
    """Return the keyed hash of an organisation and of its contact, by kind."""
    return {
        kind.value: keyed.bar_mark(kind.value, plain)
        for kind, plain in rules.bars(organisation, name, phone).items()
    }


async def unbarred(organisation: str, name: str, phone: str) -> dict[str, str]:
    """Return the marks of an organisation and its contact that are not barred yet."""
    marks = bar_marks(organisation, name, phone)
    rows = await NominationBar.select(NominationBar.mark).where(
        NominationBar.mark.is_in(list(marks.values()))
    )
    known = {row["mark"] for row in rows}
    return {kind: mark for kind, mark in marks.items() if mark not in known}


async def bar_of(view: NominationView) -> dict[str, Any] | None:
    """Return reason, document and time of the bar that followed from a nomination."""
    row: dict[str, Any] | None = (
        await NominationBar.select(
            NominationBar.reason, NominationBar.document, NominationBar.barred_at
        )
        .where(NominationBar.nomination == view.id)
        .first()
    )
    return row


async def ticket_of(view: NominationView) -> Code | None:
    """Return the ticket of the application that followed from a nomination."""
    row = (
        await Application.select(Application.code).where(Application.nomination == view.id).first()
    )
    return Code(row["code"]) if row else None
