"""Decisions about nominations: what they must say, who may consent, and until when."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from panel.chance import Json
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import Code
from panel.members.types import ExclusionKind, NewExclusion
from panel.recruitment.rules import identity
from panel.recruitment.types.applications import (
    Applicant,
    BarKind,
    NominationForm,
    NominationState,
    NominationView,
    Proposal,
)
from panel.recruitment.types.campaigns import CONSENTING, CampaignView
from panel.rulebook.types import Rulebook
from panel.workdays import Calendar, deadline

_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]{2,}")
_LONGEST_ADDRESS: Final = 120
_LONGEST: Final = {"organisation": 120, "post": 60, "name": 50, "nominee": 50, "reasons": 2000}


def read(form: NominationForm) -> NominationForm:
    """Return a nomination as it is kept; ``Invalid`` with every fault by its field."""
    faults = []
    for field, longest in _LONGEST.items():
        value = str(getattr(form, field))
        if not value.strip():
            faults.append(Fault(field, "form.required"))
        elif len(value) > longest:
            faults.append(Fault(field, "application.too_long", {"longest": longest}))
    phone = identity.read_phone(form.phone)
    if phone is None:
        empty = not form.phone.strip()
        faults.append(Fault("phone", "form.required" if empty else "application.phone"))
    mobile = identity.read_phone(form.nominee_phone) if form.nominee_phone.strip() else ""
    if mobile is None:
        faults.append(Fault("nominee_phone", "application.phone"))
    if mobile and mobile == phone:
        faults.append(Fault("nominee_phone", "nomination.own_phone"))
    email = form.nominee_email.strip()
    if email and (len(email) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(email)):
        faults.append(Fault("nominee_email", "message.address"))
    if not form.duty:
        faults.append(Fault("duty", "nomination.duty"))
    if faults or phone is None:
        raise Invalid("nomination.faults", *faults)
    return msgspec.structs.replace(
        form,
        organisation=identity.tidy(form.organisation),
        post=identity.tidy(form.post),
        name=identity.read_name(form.name),
        phone=phone,
        nominee=identity.read_name(form.nominee),
        reasons=form.reasons.strip(),
        nominee_phone=mobile or "",
        nominee_email=email,
    )


def body(form: NominationForm, scan: str) -> Json:
    """Return what two sendings must agree in to be one."""
    facts: dict[str, Json] = {name: getattr(form, name) for name in form.__struct_fields__}
    return {**facts, "scan": scan}


def consent_until(rulebook: Rulebook, calendar: Calendar, at: dt.datetime) -> dt.datetime:
    """Return the last moment at which the nominee may consent."""
    limit = rulebook.deadline("consent")
    return deadline(at, limit.amount, limit.unit, calendar)


def may_answer(view: NominationView, campaign: CampaignView, at: dt.datetime) -> None:
    """Refuse an answer of the nominee that was given before, or that comes too late."""
    if view.state in {NominationState.CONSENTED, NominationState.REFUSED}:
        raise Conflict("nomination.answered")
    if view.state is NominationState.WITHDRAWN:
        raise Closed("nomination.withdrawn")
    late = view.consent_until is not None and at > view.consent_until
    if late or view.state is NominationState.LAPSED or campaign.phase(at) not in CONSENTING:
        raise Closed("nomination.too_late")


def consented(applicant: Applicant, proposal: Proposal, units: Mapping[str, Code]) -> Applicant:
    """Return a nominee's application, who will not judge the organisation that nominated.

    Refused is whoever has another name than the nominee: a nomination can't be handed on.
    """
    if applicant.name != proposal.nominee:
        raise Invalid("application.faults", Fault("name", "nomination.other_name"))
    unit = units.get(identity.tidy(proposal.view.organisation))
    if unit is None:
        return applicant
    barred = NewExclusion(unit, ExclusionKind.NOMINATOR)
    return msgspec.structs.replace(applicant, exclusions=(*applicant.exclusions, barred))


def bars(organisation: str, name: str, phone: str) -> dict[BarKind, str]:
    """Return what an organisation and its contact are recognised by, however they are typed."""
    plain = "".join(char for char in identity.tidy(organisation).casefold() if char.isalnum())
    return {
        BarKind.ORGANISATION: plain,
        BarKind.CONTACT: f"{identity.read_name(name)} {identity.read_phone(phone) or phone}",
    }


def may_nominate(barred: bool) -> None:  # noqa: FBT001 - the one question
    """Refuse an organisation or contact that nominated falsely before."""
    if barred:
        raise Forbidden("nomination.barred")


def read_bar(reason: str, document: str) -> tuple[str, str]:
    """Return reason and document of a bar; both must be given."""
    faults = [
        Fault(field, "form.required" if not text.strip() else "application.too_long")
        for field, text, longest in (("reason", reason, 500), ("document", document, 120))
        if not text.strip() or len(text) > longest
    ]
    if faults:
        raise Invalid("nomination.faults", *faults)
    return reason.strip(), document.strip()
