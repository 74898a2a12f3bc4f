"""Reading one application against the frozen criteria; every fault is named by its field."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from panel.chance import Json
from panel.errors import Conflict, Fault, Invalid
from panel.members.types import ExclusionKind, NewExclusion
from panel.recruitment.rules import identity
from panel.recruitment.rules.campaigns import may_apply
from panel.recruitment.types.applications import (
    DECLARABLE,
    Applicant,
    ApplicationForm,
    ApplicationState,
    Occupation,
    Place,
    Terms,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.rulebook.types import Rulebook

_LASTING: Final = frozenset({ExclusionKind.NOMINATOR, ExclusionKind.STAFF})
_OVER: Final = frozenset(
    {ApplicationState.APPOINTED, ApplicationState.STRUCK, ApplicationState.STAGED}
)
_ROUND: Final = 10_000
_LONGEST: Final = {"name": 50, "address": 200, "employer": 100}
_SHORTEST_NAME: Final = 2
_OCCUPATIONS: Final = frozenset(each.value for each in Occupation)
_MOST_RECUSALS: Final = 60


def rounded(latitude: int, longitude: int) -> Place:
    """Return a place rounded to 0.01°, about a kilometre: near enough for assignments."""
    half = _ROUND // 2
    return Place(
        (latitude + half) // _ROUND * _ROUND,
        (longitude + half) // _ROUND * _ROUND,
    )


def read(form: ApplicationForm, terms: Terms, place: Place | None = None) -> Applicant:
    """Return the application as it is stored; ``Invalid`` with every fault by its field."""
    faults = _plain_faults(form, terms)
    card = identity.read_national_id(form.national_id)
    band = ""
    if isinstance(card, str):
        faults.append(Fault("national_id", card))
    else:
        age = identity.age_on(card.born, terms.on)
        band = next((b.key for b in terms.bands if b.lowest <= age <= b.highest), "")
        if not terms.minimum_age <= age <= terms.maximum_age:
            bounds: dict[str, int] = {"lowest": terms.minimum_age, "highest": terms.maximum_age}
            faults.append(Fault("national_id", "national_id.age", {**bounds}))
    phone = identity.read_phone(form.phone)
    if phone is None:
        faults.append(
            Fault("phone", "application.phone" if form.phone.strip() else "form.required")
        )
    faults += _recusal_faults(form, terms)
    if faults or isinstance(card, str) or phone is None:
        raise Invalid("application.faults", *faults)
    return Applicant(
        name=identity.read_name(form.name),
        national_id=card.number,
        phone=phone,
        address=identity.tidy(form.address),
        employer=identity.tidy(form.employer),
        occupation=Occupation(form.occupation),
        category=terms.categories[identity.tidy(form.category)],
        district=identity.tidy(form.district),
        sex=card.sex,
        birth_year=card.born.year,
        age_band=band,
        place=place or _place(form, terms),
        exclusions=_exclusions(form, terms),
    )


def _plain_faults(form: ApplicationForm, terms: Terms) -> list[Fault]:
    """Find the faults of the fields that stand for themselves."""
    faults = []
    name = identity.read_name(form.name)
    if not name:
        faults.append(Fault("name", "form.required"))
    elif len(name) < _SHORTEST_NAME or any(char.isdecimal() for char in name):
        faults.append(Fault("name", "application.name"))
    for field, longest in _LONGEST.items():
        if len(getattr(form, field)) > longest:
            faults.append(Fault(field, "application.too_long", {"longest": longest}))
    if not form.address.strip():
        faults.append(Fault("address", "form.required"))
    choices: tuple[tuple[str, str, bool], ...] = (
        (
            "district",
            form.district,
            not terms.districts or identity.tidy(form.district) in terms.districts,
        ),
        ("category", form.category, identity.tidy(form.category) in terms.categories),
        ("occupation", form.occupation, form.occupation in _OCCUPATIONS),
    )
    for field, value, known in choices:
        if not value.strip():
            faults.append(Fault(field, "form.required"))
        elif not known:
            faults.append(Fault(field, "application.unknown_choice", {"value": value[:40]}))
    if not form.consent:
        faults.append(Fault("consent", "application.consent"))
    return faults


def _recusal_faults(form: ApplicationForm, terms: Terms) -> list[Fault]:
    """Find what is wrong with the declared units and why they are declared."""
    units = [each.unit for each in form.recusals]
    named = dict.fromkeys(unit for unit in units if unit.strip())
    unknown = tuple(unit for unit in named if identity.tidy(unit) not in terms.units)
    faults = []
    if any(not unit.strip() for unit in units):
        faults.append(Fault("recusals", "application.recusal_unit"))
    if unknown:
        faults.append(Fault("recusals", "application.unit_unknown", {"units": unknown}))
    if any(each.kind not in set(DECLARABLE) for each in form.recusals):
        faults.append(Fault("recusals", "application.recusal_kind"))
    if len(units) > _MOST_RECUSALS:
        faults.append(Fault("recusals", "application.too_many", {"most": _MOST_RECUSALS}))
    return faults


def _place(form: ApplicationForm, terms: Terms) -> Place | None:
    """Return where the applicant is at home, as coarsely as assignments need it."""
    if form.hall is not None and form.hall in terms.halls:
        return terms.halls[form.hall]
    return terms.centres.get(identity.tidy(form.district), terms.centres.get(""))


def _exclusions(form: ApplicationForm, terms: Terms) -> tuple[NewExclusion, ...]:
    """Return the units that follow from declared recusals and from the employer's name."""
    found = {
        (terms.units[identity.tidy(each.unit)], ExclusionKind(each.kind)) for each in form.recusals
    }
    employer = terms.units.get(identity.tidy(form.employer))
    if employer is not None:
        found.add((employer, ExclusionKind.EMPLOYER))
    return tuple(NewExclusion(unit, kind) for unit, kind in sorted(found))


def may_change(
    state: ApplicationState, campaign: CampaignView, *, judged: bool, at: dt.datetime
) -> None:
    """Refuse a change after the closing moment, or of what somebody has judged already."""
    may_apply(campaign, at)
    if state is not ApplicationState.SUBMITTED or judged:
        raise Conflict("application.unchangeable")


def still_excluded(applicant: Applicant, before: tuple[NewExclusion, ...]) -> Applicant:
    """Return a changed application with the recusals that are not the applicant's to take back."""
    kept = [each for each in before if each.kind in _LASTING]
    added = [each for each in applicant.exclusions if each not in kept]
    return msgspec.structs.replace(applicant, exclusions=(*added, *kept))


def may_withdraw(state: ApplicationState) -> None:
    """Refuse a withdrawal of what is over: appointed members resign instead."""
    if state in _OVER:
        raise Conflict("application.not_withdrawable")


def age_band(card: identity.NationalId, terms: Terms, kept: str) -> str:
    """Return the band of a corrected id number's age; outside all bands the ``kept`` one stays."""
    age = identity.age_on(card.born, terms.on)
    return next((b.key for b in terms.bands if b.lowest <= age <= b.highest), kept)


def may_reissue(state: ApplicationState) -> None:
    """Refuse a new receipt for an application that nobody takes part with any more."""
    if state in {ApplicationState.STAGED, ApplicationState.WITHDRAWN}:
        raise Conflict("application.no_reissue")


def identity_checked(*, checked: bool) -> None:
    """Refuse to hand out a receipt before the identity card was compared with the person."""
    if not checked:
        raise Invalid("form.faults", Fault("checked", "application.unchecked"))


def draft_ends(campaign: CampaignView, rulebook: Rulebook, at: dt.datetime) -> dt.datetime:
    """Return when a draft is deleted: after the rulebook's days, at the closing at the latest."""
    kept = dt.timedelta(days=rulebook.deadline("draft_kept").amount)
    return min(campaign.closes_at, at + kept)


def body(form: ApplicationForm) -> Json:
    """Return what two sendings must agree in to be one: everything as typed."""
    return {
        "name": form.name,
        "national_id": form.national_id,
        "phone": form.phone,
        "district": form.district,
        "category": form.category,
        "occupation": form.occupation,
        "address": form.address,
        "employer": form.employer,
        "recusals": [[each.unit, each.kind] for each in form.recusals],
        "hall": form.hall,
        "consent": form.consent,
    }
