"""Pure decisions of the vault: what is hashed, masked and compared."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Final

from panel.actor import Actor, Role, second_person
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid, Missing
from panel.vault.types import FIELDS, Identity, OpeningKind, OpeningState, OpeningView

PHONE_END = 4


def check(identity: Identity) -> None:
    """Refuse an identity without a name."""
    if not identity.name.strip():
        raise Invalid("person.faults", Fault("name", "form.required"))


def check_fields(fields: tuple[str, ...], reason: str) -> None:
    """Refuse a look at nothing, at an unknown field, or without a reason."""
    if not fields or any(field not in FIELDS for field in fields):
        raise Invalid("person.faults", Fault("fields", "person.no_such_field"))
    if not reason.strip():
        raise Invalid("person.faults", Fault("reason", "form.required"))


def plain(national_id: str) -> str:
    """Bring an id number to the one form that is hashed: half width, capitals, no gaps."""
    wide = unicodedata.normalize("NFKC", national_id).upper()
    return "".join(char for char in wide if char.isalnum())


def digits(phone: str) -> str:
    """Keep the digits of a phone number."""
    return "".join(char for char in unicodedata.normalize("NFKC", phone) if char.isdecimal())


def ends_with(phone: str, last: str) -> bool:
    """Tell whether a phone number ends with these four digits."""
    typed = digits(last)
    return len(typed) == PHONE_END and digits(phone).endswith(typed)


def masked(name: str) -> str:
    """Mask a name for a public notice: 张** or J*** S****; the length of a part stays."""
    return " ".join(part[0] + "*" * (len(part) - 1) for part in name.split())


def present(identity: Identity) -> dict[str, str]:
    """Return the fields that are filled."""
    return {field: value for field in FIELDS if (value := getattr(identity, field).strip())}


def basis(identity: Identity) -> str:
    """Return what tells persons apart: the id number, else name and phone (families share one)."""
    number, phone = plain(identity.national_id), digits(identity.phone)
    return number or (f"{plain(identity.name)} {phone}" if phone else "")


def key_context(code: str) -> str:
    """Return what a wrapped data key is bound to: table, row, column."""
    return f"vault_person:{code}:wrapped_key"


def field_context(code: str, name: str) -> str:
    """Return what a sealed field is bound to: table, row, column."""
    return f"vault_field:{code}:{name}"


def attachment_context(person: str, code: str) -> str:
    """Return the associated data of an attachment: it opens in its own place only."""
    return f"vault_attachment:{person}:{code}"


ASKERS: Final = {
    OpeningKind.VISITOR: frozenset({Role.COORDINATOR, Role.INDEPENDENT_REVIEWER}),
    OpeningKind.OBJECTOR: frozenset(
        {Role.COORDINATOR, Role.VETTING_CLERK, Role.INDEPENDENT_REVIEWER}
    ),
    OpeningKind.PROTESTER: frozenset(
        {Role.COORDINATOR, Role.PUBLISHER, Role.INTAKE_CLERK, Role.INDEPENDENT_REVIEWER}
    ),
    OpeningKind.REPORTER: frozenset(
        {Role.COORDINATOR, Role.INTAKE_CLERK, Role.INDEPENDENT_REVIEWER}
    ),
    OpeningKind.UPCOMING: frozenset({Role.COORDINATOR}),
}
"""Who may ask for what; nobody who keeps the accounts and the technique."""
APPROVERS: Final = frozenset({Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER})
"""Who may approve what somebody of another role asked for."""
_WAITS: Final = timedelta(days=1)
"""How long a wish may wait for its second person."""
_LONGEST_REASON: Final = 500


def opening_context(code: str) -> str:
    """Return what the subject of an opening is bound to: table, row, column."""
    return f"identity_opening:{code}:sealed"


def may_ask(actor: Actor, kind: OpeningKind) -> None:
    """Refuse whoever has nothing to do with what is to be opened, or is no natural person."""
    actor.require(*ASKERS[kind])
    if actor.person is None:
        raise Forbidden("actor.role")


def check_opening(ref: str, reason: str) -> None:
    """Refuse a wish without its subject, or without a reason that can be read."""
    faults = []
    if not ref.strip():
        faults.append(Fault("ref", "form.required"))
    if not reason.strip():
        faults.append(Fault("reason", "form.required"))
    if len(reason) > _LONGEST_REASON:
        faults.append(Fault("reason", "form.too_long", {"most": _LONGEST_REASON}))
    if faults:
        raise Invalid("opening.faults", *faults)


def may_decide(actor: Actor, view: OpeningView, at: datetime) -> None:
    """Refuse the person who asked, somebody without another role, a wish that is old or decided."""
    actor.require(*APPROVERS)
    second_person(view.asked_by, actor)
    if not (actor.roles & APPROVERS) - {Role(role) for role in view.asked_roles}:
        raise Forbidden("opening.same_role")
    if view.state is not OpeningState.ASKED:
        raise Conflict("opening.decided")
    if at - view.asked_at > _WAITS:
        raise Closed("opening.over")


def may_redeem(actor: Actor, view: OpeningView, kind: OpeningKind, at: datetime) -> None:
    """Refuse anybody but who asked, another subject, a second time, and a time that is over."""
    if actor.person is None or actor.person != view.asked_by or view.kind is not kind:
        raise Missing("opening.unknown")
    may_ask(actor, kind)
    if view.state is OpeningState.OPENED:
        raise Conflict("opening.used")
    if view.state is not OpeningState.APPROVED or view.until is None:
        raise Conflict("opening.not_approved")
    if at > view.until:
        raise Closed("opening.over")


def may_see(actor: Actor, view: OpeningView) -> bool:
    """Tell whether somebody may read that a wish exists, what about, and why."""
    if actor.may(Role.AUDITOR) or actor.person in {view.asked_by, view.decided_by}:
        return True
    return bool((actor.roles & APPROVERS) - {Role(role) for role in view.asked_roles})
