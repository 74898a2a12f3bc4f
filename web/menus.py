"""The menus of the audiences: what stands in them, for whom, and which entry a page belongs to."""

from __future__ import annotations

from typing import Final

from panel.actor import Actor, Role
from web.i18n import Lang

_MENUS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "public": (
        ("/{lang}/rankings", "Rankings"),
        ("/{lang}/find", "Find"),
        ("/{lang}/recruitment", "Recruitment"),
        ("/{lang}/measures", "Measures"),
    ),
    "member": (("/m/tasks", "My tasks"), ("/m/training", "Training"), ("/m/me", "My account")),
    "office": (
        ("/office", "Work"),
        ("/office/rounds", "Rounds"),
        ("/office/review", "Review"),
        ("/office/findings", "Findings"),
        ("/office/rankings", "Rankings"),
        ("/office/recruitment", "Recruitment"),
        ("/office/members", "Members"),
        ("/office/roster", "Roster"),
        ("/office/rulebooks", "Measures"),
    ),
    "unit": (
        ("/unit", "Results"),
        ("/unit/findings", "Our tasks"),
        ("/unit/windows", "Windows"),
        ("/unit/circulars", "Circulars"),
    ),
    "admin": (("/admin", "Accounts"), ("/admin/tokens", "Tokens of other programs")),
}
_PARTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "/unit": (
        ("/unit", "By round"),
        ("/unit/results", "Results by month"),
        ("/unit/assessments", "Annual assessment"),
        ("/unit/ledger", "Our ledger"),
    ),
    "/unit/findings": (
        ("/unit/findings", "Findings to answer"),
        ("/unit/orders", "Rectification"),
        ("/unit/appeals", "Our appeals"),
    ),
    "/unit/windows": (
        ("/unit/windows", "Windows"),
        ("/unit/visits", "Open visits"),
        ("/unit/duty", "Duty rosters"),
    ),
}
"""Pages that share one entry of the navigation: listed on each of them, below the title."""
_KEPT: Final[dict[str, tuple[Role, ...]]] = {
    "/office/review": (Role.REVIEWER, Role.AUDITOR),
    "/office/findings": (
        Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER, Role.AUDITOR,
    ),
}  # fmt: skip
"""Entries of the navigation that only some may open."""


_BELOW: Final[dict[str, tuple[str, ...]]] = {
    "/office": (
        "/office/board", "/office/messages", "/office/exports", "/office/openings", "/office/looks",
        "/office/paper", "/office/audit", "/office/circulars", "/office/archives",
        "/office/ledger",
    ),
    "/office/rounds": (
        "/office/rounds", "/office/annual-plans", "/office/tasks", "/office/targeting",
        "/office/revisits",
    ),
    "/office/review": ("/office/review", "/office/batch", "/office/holds"),
    "/office/findings": (
        "/office/findings", "/office/leads", "/office/influence", "/office/accusations",
        "/office/orders",
    ),
    "/office/rankings": (
        "/office/rankings", "/office/appeals", "/office/officers", "/office/assessments",
        "/office/ballots", "/office/consequences", "/office/results",
    ),
    "/office/recruitment": ("/office/recruitment", "/office/staff"),
    "/office/members": ("/office/members", "/office/terms", "/office/training"),
    "/office/roster": (
        "/office/roster", "/office/units", "/office/windows", "/office/posters", "/office/duty",
    ),
    "/admin": ("/admin/accounts",),
    "/unit": ("/unit/rankings", "/unit/results", "/unit/assessments", "/unit/ledger"),
    "/unit/findings": ("/unit/findings", "/unit/orders", "/unit/appeals"),
    "/unit/windows": ("/unit/windows", "/unit/visits", "/unit/duty"),
    "/m/tasks": (
        "/m/tasks", "/m/outbox", "/m/claims", "/m/receipts", "/m/scan", "/m/leads", "/m/influence",
    ),
    "/m/training": ("/m/training", "/m/courses"),
    "/m/me": ("/m/me", "/m/feedback", "/m/term"),
}  # fmt: skip
"""Addresses that belong to an entry of the navigation besides those below its own."""


def entries(audience: str, actor: Actor, path: str, lang: Lang) -> list[tuple[str, str, bool]]:
    """Return address, text and whether it is the page's own, of each entry the reader may open."""
    found = []
    for pattern, label in _MENUS[audience]:
        if pattern in _KEPT and not actor.may(*_KEPT[pattern]):
            continue
        url = pattern.replace("{lang}", lang)
        below = _BELOW.get(url, (url,) if url.count("/") > 1 else ())
        found.append((url, label, path == url or path.startswith(below)))
    return found


def audience(actor: Actor) -> str:
    """Return the part of the service that somebody of the staff works in."""
    if actor.may(Role.ADMINISTRATOR):
        return "admin"
    return "unit" if actor.may(Role.LIAISON) else "office"


def parts(path: str) -> list[tuple[str, str, bool]]:
    """Return address, text and whether it is this page, of the pages that share its entry."""
    for found in _PARTS.values():
        if any(path == url for url, _ in found):
            return [(url, label, path == url) for url, label in found]
    return []
