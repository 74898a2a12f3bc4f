"""Who acts: an argument of every command, never looked up inside the domain."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from panel.errors import Forbidden
from panel.ids import AccountId, Code, PersonId


class Role(StrEnum):
    """What an account may be trusted with."""

    APPLICANT = "applicant"
    MEMBER = "member"
    COORDINATOR = "coordinator"
    VETTING_CLERK = "vetting_clerk"
    REVIEWER = "reviewer"
    INTAKE_CLERK = "intake_clerk"
    PUBLISHER = "publisher"
    LIAISON = "liaison"
    INDEPENDENT_REVIEWER = "independent_reviewer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Actor(msgspec.Struct, frozen=True):
    """One person acting in some roles; ``person`` tells two accounts of one person apart."""

    account: AccountId | None = None
    person: PersonId | None = None
    roles: frozenset[Role] = frozenset()
    office: str = ""
    member: Code | None = None
    unit: Code | None = None
    name: str = ""
    """How the history names the actor: a sign-in name of staff, never a person's name."""

    def may(self, *roles: Role) -> bool:
        """Tell whether the actor holds one of the roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Refuse an actor who holds none of the roles."""
        if not self.may(*roles):
            msg = "actor.role"
            raise Forbidden(msg, roles=tuple(str(role) for role in roles))


ANYBODY = Actor(name="public")
SYSTEM = Actor(name="system")


class Signature(msgspec.Struct, frozen=True):
    """An approval that a leader gave on paper; the scan is stored by its digest."""

    document: str
    signer: str
    signed_on: dt.date
    scan: str


def second_person(author: PersonId | None, actor: Actor, paper: Signature | None = None) -> None:
    """Refuse an approval by the author, unless a leader's signature on paper stands for it."""
    if paper is None and (actor.person is None or actor.person == author):
        msg = "approval.same_person"
        raise Forbidden(msg)
