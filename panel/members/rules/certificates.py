"""Decisions about certificates: pure."""

from __future__ import annotations

import datetime as dt

from panel.members.types import MemberState
from panel.members.types.certificates import CertificateState

_IN_FORCE = frozenset({MemberState.APPOINTED, MemberState.TRAINING, MemberState.ACTIVE})


def certificate_state(
    state: MemberState, first: dt.date, last: dt.date, today: dt.date
) -> CertificateState:
    """Tell whether a certificate is in force on a day; the term's last day still counts.

    Whoever resigned or was dismissed is told as ended for ever, not as expired later.
    """
    if state in {MemberState.RESIGNED, MemberState.DISMISSED}:
        return CertificateState.ENDED
    if today > last or state is MemberState.ENDED:
        return CertificateState.EXPIRED
    if today < first or state not in _IN_FORCE:
        return CertificateState.ENDED
    return CertificateState.VALID
