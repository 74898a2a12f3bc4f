"""Rows of a sheet on their way into the database: encrypted in a thread, stored as staged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from panel.db import insert_values
from panel.entropy import code as fresh_code
from panel.entropy import key as fresh_key
from panel.entropy import octets
from panel.recruitment.commands.applications import features, identity_of
from panel.recruitment.queries import keyed
from panel.recruitment.rules import sheets
from panel.recruitment.tables import Application, Nomination
from panel.recruitment.types.applications import (
    ApplicationState,
    Channel,
    NominationState,
    NominationTexts,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.vetting import RunView
from panel.vault import commands as vault
from panel.vault.types import Identity

_SALT: Final = 16
_FEATURES: Final = (
    "category", "district", "age_band", "occupation", "latitude", "longitude", "household",
    "exclusions",
)  # fmt: skip
_COLUMNS: Final = (
    "code", "campaign", "person", "nomination", "key", "run", "body_digest", "receipt_hash",
    "mark", "channel", "sex", "birth_year", "salt", "state", "received_at", *_FEATURES,
)  # fmt: skip
_NOMINATION: Final = (
    "code", "campaign", "organisation", "post", "nominator", "nominee", "texts", "key",
    "channel", "state", "filed_at", "answered_at",
)  # fmt: skip


class Prepared(msgspec.Struct):
    """Some rows ready to be stored: encrypted persons, and the columns beside them."""

    people: list[vault.Sealed]
    nominators: list[vault.Sealed]
    nominations: list[tuple[int, tuple[object, ...]]]
    """Place of the row, and organisation, post, key of its nomination."""
    before: list[tuple[object, ...]]
    after: list[tuple[object, ...]]


def prepare(piece: Sequence[sheets.Entered], campaign: CampaignView, view: RunView) -> Prepared:
    """Encrypt and hash some rows: the work of a thread."""
    at = view.started_at
    identities_of = [identity_of(each.applicant) for each in piece]
    papers = [(place, each.nomination) for place, each in enumerate(piece) if each.nomination]
    ready = Prepared(
        people=vault.seal_many(identities_of, at=at, unique=campaign.code),
        nominators=vault.seal_many(
            [Identity(paper.name, paper.phone, employer=paper.organisation) for _, paper in papers],
            at=at,
            texts=[
                msgspec.json.encode(NominationTexts(piece[place].applicant.name, paper.reasons))
                for place, paper in papers
            ],
        ),
        nominations=[
            (place, (paper.organisation, paper.post, fresh_key())) for place, paper in papers
        ],
        before=[],
        after=[],
    )
    for each in piece:
        head, tail = _values(each, campaign, view)
        ready.before.append(head)
        ready.after.append(tail)
    return ready


def _values(
    each: sheets.Entered, campaign: CampaignView, view: RunView
) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return the columns of an application before and after its person and nomination."""
    one = each.applicant
    ticket, key = fresh_code(), fresh_key()
    own = features(one)
    return (ticket, campaign.id), (
        key,
        view.code,
        "",
        keyed.receipt_hash(ticket, keyed.receipt_code(key)),
        keyed.mark(one.national_id),
        Channel.IMPORT.value,
        one.sex.value,
        one.birth_year,
        octets(_SALT).hex(),
        ApplicationState.STAGED.value,
        view.started_at,
        *(own[name] for name in _FEATURES),
    )


async def store(ready: Prepared, campaign: CampaignView, view: RunView) -> None:
    """Insert persons, their nominations and their staged applications."""
    people = await vault.enrol_sealed(ready.people)
    nominators = await vault.enrol_sealed(ready.nominators)
    rows = [
        (
            fresh_code(), campaign.id, organisation, post, nominator, people[place],
            sealed.attachment, key, Channel.IMPORT.value, NominationState.CONSENTED.value,
            view.started_at, view.started_at,
        )
        for (place, (organisation, post, key)), nominator, sealed in zip(
            ready.nominations, nominators, ready.nominators, strict=True
        )
    ]  # fmt: skip
    made = await insert_values(Nomination, _NOMINATION, rows)
    of = {place: made[at] for at, (place, _) in enumerate(ready.nominations)}
    values = [
        (*head, person, of.get(place), *tail)
        for place, (head, person, tail) in enumerate(
            zip(ready.before, people, ready.after, strict=True)
        )
    ]
    await insert_values(Application, _COLUMNS, values)
