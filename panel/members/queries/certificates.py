"""Reads of certificates: what the check page tells, and who still owes a pledge."""

from __future__ import annotations

import datetime as dt

from piccolo.custom_types import Combinable

from panel.errors import Missing
from panel.ids import Code
from panel.members import rules
from panel.members.tables import Member
from panel.members.types import LEFT, MemberState
from panel.members.types.certificates import CertificateState
from panel.workdays import SHANGHAI


async def certificate(number: Code, *, at: dt.datetime) -> CertificateState:
    """Return whether a certificate is in force; ``Missing`` when none has this number."""
    row = (
        await Member.select(Member.state, Member.term_start, Member.term_end)
        .where(Member.certificate == number)
        .first()
    )
    if row is None:
        raise Missing("certificate.unknown")
    today = at.astimezone(SHANGHAI).date()
    return rules.certificate_state(
        MemberState(row["state"]), row["term_start"], row["term_end"], today
    )


def owing(version: str) -> Combinable:
    """Return who still owes the pledge to a version of the code: the one rule for list and end.

    A new term asks for the pledge again.
    """
    again = (Member.term > 1) & (Member.pledged_on < Member.term_start)
    return (Member.pledge != version) | Member.pledged_on.is_null() | again


async def unpledged(campaign: Code, version: str) -> int:
    """Count a campaign's members who lack a certificate or the pledge to a version of the code."""
    return int(
        await Member.count().where(
            Member.campaign == campaign,
            Member.state.not_in(list(LEFT)),
            owing(version) | Member.certificate.is_null(),
        )
    )
