"""The desks that stand in no menu, by subject, as far as the reader may open them."""

from __future__ import annotations

from typing import Final

import msgspec

from panel.actor import Role
from web.office import (
    appeals,
    archives,
    assessments,
    board,
    duty,
    exports,
    identities,
    influence,
    leads,
    ledger,
    messages,
    officers,
    orders,
    paper,
    results,
    review,
    staff,
    targeting,
    terms,
)
from web.pages import Request

_OVERSEEN: Final = (Role.COORDINATOR, Role.AUDITOR)
_INDEPENDENT: Final = (Role.INDEPENDENT_REVIEWER,)


class Desks(msgspec.Struct, frozen=True):
    """The desks of one subject: its name, and each desk's address and name."""

    title: str
    links: list[tuple[str, str]]


_DESKS: Final[dict[str, tuple[tuple[str, str, tuple[Role, ...]], ...]]] = {
    "Visits": (
        ("/office/board", "Board of the day", board.READERS),
        ("/office/targeting", "Targeted evaluation", targeting.READERS),
        ("/office/revisits", "Places to look at again", _OVERSEEN),
        ("/office/paper", "Sheets on paper", paper.READERS),
        ("/office/messages", "Messages", messages.READERS),
    ),
    "Findings and outcomes": (
        ("/office/holds", "Sheets on hold", review.READERS),
        ("/office/leads", "Leads", leads.READERS),
        ("/office/influence", "Attempts to influence", influence.READERS),
        ("/office/accusations", "Sealed accusations", _INDEPENDENT),
        ("/office/results", "Results for the units", results.READERS),
        ("/office/orders", "Rectification orders", orders.READERS),
        ("/office/appeals", "Appeals", appeals.READERS),
        ("/office/officers", "Lists of officers", officers.READERS),
        ("/office/assessments", "Annual assessments", assessments.READERS),
        ("/office/ballots", "Collective evaluation", assessments.READERS),
    ),
    "Members and staff": (
        ("/office/terms", "Terms and rights", terms.READERS),
        ("/office/training", "Training", _OVERSEEN),
        ("/office/staff", "Staff lists of units", staff.READERS),
        ("/office/duty", "Duty rosters", duty.READERS),
    ),
    "Supervision and records": (
        ("/office/openings", "Opened by two persons", identities.READERS),
        ("/office/looks", "Looks at covert visits", _OVERSEEN),
        ("/office/ledger", "Ledgers of the units", ledger.READERS),
        ("/office/archives", "Archives of the rounds", archives.READERS),
        ("/office/circulars", "Circulars", tuple(Role)),
        ("/office/annual-plans", "Plans of the year", tuple(Role)),
        ("/office/exports", "Take out lists", exports.READERS),
        ("/office/audit", "History", _OVERSEEN),
    ),
}


def desks(request: Request) -> list[Desks]:
    """Return the desks that the reader may open, without the subjects that hold none."""
    found = []
    for title, entries in _DESKS.items():
        links = [(url, request.text(text)) for url, text, own in entries if request.actor.may(*own)]
        if links:
            found.append(Desks(request.text(title), links))
    return found
