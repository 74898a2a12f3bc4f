"""Who may call what: one table of every address, method and role, compared with the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar import Litestar

from panel import db, keys
from panel.actor import Actor, Role
from panel.ids import Code
from panel.settings import Settings
from tests import people
from tests.make import evaluations, rulebook, visits
from web import app as web_app

NOBODY = Code("0000000000")
"""A code that reads well and names nothing."""
CALLERS: dict[str, Actor | None] = {
    "-": None,
    "stranger": people.stranger,
    "member": people.member(NOBODY, 9101),
    "liaison": people.liaison(NOBODY),
    "coordinator": people.coordinator,
    "clerk": people.clerk_a,
    "reviewer": people.reviewer,
    "intake": people.staff(9012, "intake", "受理科", Role.INTAKE_CLERK),
    "publisher": people.publisher,
    "independent": people.staff(9013, "independent", "纪检", Role.INDEPENDENT_REVIEWER),
    "auditor": people.auditor,
    "administrator": people.administrator,
}
EVERYBODY = " ".join(CALLERS)
OFFICE = "coordinator clerk reviewer intake publisher independent auditor"
COORDINATOR, PUBLISHING, SCREENING = "coordinator", "coordinator publisher", "coordinator clerk"
DRAWING = "coordinator publisher reviewer auditor"
PLANNING, MEMBER, LIAISON = "coordinator auditor", "member", "liaison"
TOKEN = ""
"""Opened by a token in the header, by no session of a browser."""
ASKING = "coordinator clerk intake publisher independent"
OPENING = f"{ASKING} auditor"
FINDING_WORKERS = "coordinator reviewer publisher independent"
FINDING_READERS = f"{FINDING_WORKERS} auditor"

GET: dict[str, str] = {
    "/static/{name}": EVERYBODY,
    "/": EVERYBODY,
    "/prefer": EVERYBODY,
    "/healthz": EVERYBODY,
    "/sign-in": EVERYBODY,
    "/m/sign-in": EVERYBODY,
    "/m/card/{token}": EVERYBODY,
    "/invitation/{token}": EVERYBODY,
    "/w/{code}": EVERYBODY,
    "/en/w/{code}": EVERYBODY,
    "/rankings": EVERYBODY,
    "/rankings/{name}": EVERYBODY,
    "/r/{fingerprint}": EVERYBODY,
    "/r/{fingerprint}/{name}": EVERYBODY,
    "/{lang}": EVERYBODY,
    "/{lang}/certificate": EVERYBODY,
    "/{lang}/certificate/{number}": EVERYBODY,
    "/{lang}/measures": EVERYBODY,
    "/{lang}/measures/{fingerprint}": EVERYBODY,
    "/{lang}/panel": EVERYBODY,
    "/{lang}/rankings": EVERYBODY,
    "/{lang}/rankings.html": EVERYBODY,
    "/{lang}/rankings/{name}": EVERYBODY,
    "/{lang}/rankings-large": EVERYBODY,
    "/{lang}/rankings-large.html": EVERYBODY,
    "/{lang}/rankings-large/{name}": EVERYBODY,
    "/{lang}/recruitment": EVERYBODY,
    "/{lang}/recruitment/{code}": EVERYBODY,
    "/{lang}/recruitment/{code}/apply": EVERYBODY,
    "/{lang}/recruitment/{code}/criteria.json": EVERYBODY,
    "/{lang}/lottery/verify_lottery.py": EVERYBODY,
    "/{lang}/recruitment/{code}/lottery": EVERYBODY,
    "/{lang}/recruitment/{code}/lottery/{run}/file": EVERYBODY,
    "/{lang}/recruitment/{code}/proof": EVERYBODY,
    "/{lang}/recruitment/{code}/notice": EVERYBODY,
    "/{lang}/recruitment/{code}/notice/objection": EVERYBODY,
    "/{lang}/recruitment/{code}/notice/reply": EVERYBODY,
    "/{lang}/recruitment/{code}/draft": EVERYBODY,
    "/{lang}/recruitment/{code}/nominate": EVERYBODY,
    "/{lang}/recruitment/{code}/nomination": EVERYBODY,
    "/{lang}/recruitment/{code}/own": EVERYBODY,
    "/{lang}/rounds": EVERYBODY,
    "/{lang}/rounds/{code}": EVERYBODY,
    "/{lang}/rounds/{code}/draw": EVERYBODY,
    "/{lang}/rounds/{code}/draw.json": EVERYBODY,
    "/{lang}/draw/verify_draw.py": EVERYBODY,
    "/me": EVERYBODY.removeprefix("- stranger "),
    "/me/reminders": EVERYBODY.removeprefix("- stranger "),
    "/m/me": MEMBER,
    "/m/me/reminders": MEMBER,
    "/m/me/data": MEMBER,
    "/m/me/data.json": MEMBER,
    "/m/me/data/edit": MEMBER,
    "/m/term": MEMBER,
    "/m/term/resign": MEMBER,
    "/m/courses/{form}": MEMBER,
    "/m/courses/{form}/quiz": MEMBER,
    "/m/courses/{form}/sheets/{key}": MEMBER,
    "/m/courses/{form}/units/{key}": MEMBER,
    "/m/claims": MEMBER,
    "/m/tasks": MEMBER,
    "/m/tasks/{code}": MEMBER,
    "/m/tasks/{code}/closed": MEMBER,
    "/m/tasks/{code}/decline": MEMBER,
    "/m/tasks/{code}/proof.json": MEMBER,
    "/m/tasks/{code}/receipt": MEMBER,
    "/m/tasks/{code}/recognised": MEMBER,
    "/m/tasks/{code}/recuse": MEMBER,
    "/m/tasks/{code}/sheet": MEMBER,
    "/m/receipts/{code}": MEMBER,
    "/m/feedback": MEMBER,
    "/m/training": MEMBER,
    "/m/training/attempts/{code}": MEMBER,
    "/m/training/certificates": MEMBER,
    "/m/training/pledge": MEMBER,
    "/m/training/sheets/{code}": MEMBER,
    "/m/sw.js": EVERYBODY,
    "/m/outbox": MEMBER,
    "/m/photos/{code}": MEMBER,
    "/m/tasks/{code}/photos": MEMBER,
    "/m/scan": MEMBER,
    "/m/scan/{code}": MEMBER,
    "/office": OFFICE,
    "/{lang}/open-visits/{code}": EVERYBODY,
    "/m/influence": MEMBER,
    "/m/leads": MEMBER,
    "/m/leads/new": MEMBER,
    "/m/leads/{code}": MEMBER,
    "/office/influence": "independent",
    "/office/leads": PLANNING,
    "/office/leads/{code}": PLANNING,
    "/office/leads/{code}/picture": PLANNING,
    "/office/members/{code}/paper": COORDINATOR,
    "/office/paper": "coordinator intake auditor",
    "/office/paper/{code}": "coordinator intake auditor",
    "/office/paper/{code}/scan/{number}": "coordinator intake auditor reviewer",
    "/office/rounds/{code}/notice": PLANNING,
    "/unit/visits": LIAISON,
    "/unit/windows": LIAISON,
    "/unit/windows/{code}": LIAISON,
    "/office/accusations": "independent",
    "/office/assessments": OFFICE,
    "/office/assessments.csv": OFFICE,
    "/office/audit": PLANNING,
    "/office/board": PLANNING,
    "/office/exports": PLANNING,
    "/office/exports/places/{code}/{name}": PLANNING,
    "/office/exports/sheets.csv": PLANNING,
    "/office/exports/sheets.xlsx": PLANNING,
    "/office/rounds/{code}/allowance": PLANNING,
    "/admin/tokens": "administrator",
    "/api/v1": EVERYBODY,
    "/api/v1/openapi.json": EVERYBODY,
    "/api/v1/{path}": EVERYBODY,
    "/api/v1/receipts/{code}": TOKEN,
    "/api/v1/rounds": TOKEN,
    "/api/v1/submissions": TOKEN,
    "/api/v1/submissions.ndjson": TOKEN,
    "/api/v1/tasks": TOKEN,
    "/api/v1/tasks/{code}/sheet": TOKEN,
    "/office/messages": PLANNING,
    "/office/messages/new": COORDINATOR,
    "/office/members": OFFICE,
    "/office/members/{code}": PLANNING,
    "/office/findings": FINDING_READERS,
    "/office/findings/new": FINDING_WORKERS,
    "/office/findings/{code}": FINDING_READERS,
    "/office/findings/{code}/evidence": FINDING_WORKERS,
    "/office/findings/{code}/files/{number}": FINDING_READERS,
    "/office/findings/{code}/transfer": FINDING_WORKERS,
    "/office/findings/{code}/transfers/{number}": FINDING_READERS,
    "/office/findings/{code}/exposure": FINDING_WORKERS,
    "/office/findings/{code}/exposures/{number}": FINDING_READERS,
    "/office/findings/{code}/clocks/{number}": FINDING_WORKERS,
    "/unit/findings": LIAISON,
    "/unit/findings/{code}": LIAISON,
    "/unit/findings/files/{number}": LIAISON,
    "/{lang}/exposures": EVERYBODY,
    "/{lang}/bulletins": EVERYBODY,
    "/{lang}/bulletins/{code}": EVERYBODY,
    "/{lang}/plan": EVERYBODY,
    "/{lang}/plan/{year}": EVERYBODY,
    "/office/circulars": OFFICE,
    "/office/circulars/{code}": OFFICE,
    "/office/circulars/{code}/edit": PUBLISHING,
    "/office/circulars/new": PUBLISHING,
    "/office/annual-plans": OFFICE,
    "/office/annual-plans/{year}": OFFICE,
    "/office/annual-plans/{year}/edit": COORDINATOR,
    "/unit/circulars": LIAISON,
    "/unit/circulars/{code}": LIAISON,
    "/{lang}/exposures/{code}": EVERYBODY,
    "/office/posters": OFFICE,
    "/office/posters/files/{code}": OFFICE,
    "/office/posters/files/{code}/posters.pdf": OFFICE,
    "/office/posters/{code}": OFFICE,
    "/office/rankings": OFFICE,
    "/office/rankings/{code}": OFFICE,
    "/office/rankings/{code}/lists/{name}": OFFICE,
    "/office/recruitment": OFFICE,
    "/office/recruitment/applications.xlsx": OFFICE,
    "/office/recruitment/new": OFFICE,
    "/office/recruitment/{code}": OFFICE,
    "/office/recruitment/{code}/applications/{ticket}": "coordinator clerk auditor",
    "/office/recruitment/{code}/cards": OFFICE,
    "/office/recruitment/{code}/certificates": OFFICE,
    "/office/recruitment/{code}/conduct": PLANNING,
    "/office/recruitment/{code}/notice": PLANNING,
    "/office/recruitment/{code}/notice/paper": COORDINATOR,
    "/office/recruitment/{code}/objections/{number}": PLANNING,
    "/office/recruitment/{code}/change": PLANNING,
    "/office/recruitment/{code}/choice": COORDINATOR,
    "/office/recruitment/{code}/choice.xlsx": COORDINATOR,
    "/office/recruitment/{code}/lottery": DRAWING,
    "/office/recruitment/{code}/lottery/{run}": DRAWING,
    "/office/recruitment/{code}/lottery/{run}/progress": DRAWING,
    "/office/recruitment/{code}/sealed-roster.json": PLANNING,
    "/office/recruitment/{code}/feasibility": OFFICE,
    "/office/recruitment/{code}/import": OFFICE,
    "/office/recruitment/{code}/imports/{run}": "coordinator clerk auditor",
    "/office/recruitment/{code}/nominations": "coordinator clerk auditor",
    "/office/recruitment/{code}/nominations/{number}": "coordinator clerk auditor",
    "/office/recruitment/{code}/poster": OFFICE,
    "/office/recruitment/{code}/screening": "coordinator clerk auditor",
    "/office/recruitment/{code}/vetting": "coordinator clerk auditor",
    "/office/recruitment/{code}/vetting/{sheet}": "coordinator clerk auditor",
    "/office/batch": "reviewer",
    "/office/holds": "reviewer auditor",
    "/office/revisits": PLANNING,
    "/office/review": "reviewer auditor",
    "/office/review/{code}": "reviewer auditor",
    "/office/review/{code}/pictures/{picture}": "reviewer auditor",
    "/office/roster": OFFICE,
    "/office/roster/import": OFFICE,
    "/office/roster/templates/{name}": OFFICE,
    "/office/rounds": OFFICE,
    "/office/rounds/new": OFFICE,
    "/office/rounds/{code}": OFFICE,
    "/office/rounds/{code}/coverage": PLANNING,
    "/office/rounds/{code}/draw.json": OFFICE,
    "/office/rounds/{code}/edit": OFFICE,
    "/office/rounds/{code}/sealed-draw.json": "auditor",
    "/office/rounds/{code}/second-stage": COORDINATOR,
    "/office/rounds/{code}/next": COORDINATOR,
    "/office/rounds/{code}/tasks": PLANNING,
    "/office/rounds/places": COORDINATOR,
    "/office/rulebooks": OFFICE,
    "/office/rulebooks/default.toml": OFFICE,
    "/office/rulebooks/new": OFFICE,
    "/office/rulebooks/{code}": OFFICE,
    "/office/rulebooks/{code}/measures.toml": OFFICE,
    "/office/rulebooks/{code}/dry-run": OFFICE,
    "/office/rulebooks/drafts/{code}": PLANNING,
    "/office/rulebooks/drafts/{code}/numbers/{chapter}": PLANNING,
    "/office/rulebooks/drafts/{code}/groups": PLANNING,
    "/office/rulebooks/drafts/{code}/measures.toml": PLANNING,
    "/office/rulebooks/drafts/{code}/dry-run": PLANNING,
    "/office/rulebooks/drafts/{code}/forms/{form}": PLANNING,
    "/office/rulebooks/drafts/{code}/forms/{form}/sections/{section}": PLANNING,
    "/office/rulebooks/drafts/{code}/forms/{form}/vetoes/{veto}": PLANNING,
    "/office/rulebooks/drafts/{code}/forms/{form}/items/{item}": PLANNING,
    "/office/rulebooks/drafts/{code}/forms/{form}/preview": PLANNING,
    "/office/staff": "coordinator clerk auditor",
    "/office/staff/template.xlsx": SCREENING,
    "/office/tasks/{code}": "coordinator reviewer auditor",
    "/office/terms": "coordinator publisher auditor",
    "/office/terms/members/{code}": PLANNING,
    "/office/terms/proceedings/{code}": "coordinator publisher auditor",
    "/office/terms/wishes/{code}": PLANNING,
    "/office/training": PLANNING,
    "/office/training/{form}/{what}": PLANNING,
    "/office/units/{code}": OFFICE,
    "/office/looks": PLANNING,
    "/office/openings": OPENING,
    "/office/openings/{code}": OPENING,
    "/office/results": "coordinator reviewer publisher auditor",
    "/office/results/{code}": "coordinator reviewer publisher auditor",
    "/office/rounds/{code}/look": COORDINATOR,
    "/office/targeting": "coordinator publisher auditor",
    "/office/targeting/template.xlsx": COORDINATOR,
    "/office/windows/{code}": OFFICE,
    "/unit": LIAISON,
    "/unit/orders": LIAISON,
    "/unit/results": LIAISON,
    "/unit/rankings/{code}": LIAISON,
    "/admin": "administrator",
    "/admin/accounts/new": "administrator",
    "/admin/accounts/{code}": "administrator",
    "/admin/accounts/{code}/deactivate": "administrator",
    "/admin/accounts/{code}/edit": "administrator",
    "/admin/accounts/{code}/reset": "administrator",
}
POST: dict[str, str] = {
    "/office/circulars": PUBLISHING,
    "/office/circulars/{code}": PUBLISHING,
    "/office/circulars/{code}/step": PUBLISHING,
    "/office/annual-plans": COORDINATOR,
    "/office/annual-plans/{year}": COORDINATOR,
    "/office/annual-plans/{year}/publish": PUBLISHING,
    "/sign-in": EVERYBODY,
    "/api/v1/session": EVERYBODY,
    "/api/v1/session/end": TOKEN,
    "/api/v1/tasks/{code}/submissions": TOKEN,
    "/me/reminders": EVERYBODY.removeprefix("- stranger "),
    "/m/me/reminders": MEMBER,
    "/office/messages": COORDINATOR,
    "/office/messages/calls": COORDINATOR,
    "/office/messages/{code}/called": COORDINATOR,
    "/office/rounds/{code}/allowance": COORDINATOR,
    "/admin/tokens": "administrator",
    "/admin/tokens/{code}/revoke": "administrator",
    "/m/sign-in": EVERYBODY,
    "/m/card/{token}": EVERYBODY,
    "/invitation/{token}": EVERYBODY,
    "/invitation/{token}/code": EVERYBODY,
    "/{lang}/recruitment/{code}/apply": EVERYBODY,
    "/{lang}/recruitment/{code}/notice/objection": EVERYBODY,
    "/{lang}/recruitment/{code}/notice/reply": EVERYBODY,
    "/{lang}/recruitment/{code}/draft": EVERYBODY,
    "/{lang}/recruitment/{code}/nominate": EVERYBODY,
    "/{lang}/recruitment/{code}/nomination": EVERYBODY,
    "/{lang}/recruitment/{code}/own": EVERYBODY,
    "/{lang}/recruitment/{code}/own/answer": EVERYBODY,
    "/{lang}/recruitment/{code}/own/change": EVERYBODY,
    "/{lang}/recruitment/{code}/own/data": EVERYBODY,
    "/{lang}/recruitment/{code}/own/data.json": EVERYBODY,
    "/{lang}/recruitment/{code}/own/phone": EVERYBODY,
    "/{lang}/recruitment/{code}/own/withdraw": EVERYBODY,
    "/sign-out": EVERYBODY.removeprefix("- stranger "),
    "/me/secret": EVERYBODY.removeprefix("- stranger "),
    "/me/sessions/{code}/end": EVERYBODY.removeprefix("- stranger "),
    "/m/me/data/ask": MEMBER,
    "/m/me/data/edit": MEMBER,
    "/m/me/data/erase": MEMBER,
    "/m/term/renew": MEMBER,
    "/m/term/reply": MEMBER,
    "/m/term/resign": MEMBER,
    "/m/courses/{form}/quiz": MEMBER,
    "/m/courses/{form}/sheets/{key}": MEMBER,
    "/m/courses/{form}/units/{key}": MEMBER,
    "/m/training/pledge": MEMBER,
    "/m/me/secret": MEMBER,
    "/m/me/sessions/{code}/end": MEMBER,
    "/m/claims": MEMBER,
    "/m/scan": MEMBER,
    "/m/photos/{code}/remove": MEMBER,
    "/m/tasks/{code}/draft.json": MEMBER,
    "/m/tasks/{code}/sheet.json": MEMBER,
    "/m/tasks/{code}/photo.json": MEMBER,
    "/m/tasks/{code}/photos": MEMBER,
    "/m/tasks/{code}/accept": MEMBER,
    "/m/tasks/{code}/brief": MEMBER,
    "/m/tasks/{code}/check": MEMBER,
    "/m/tasks/{code}/closed": MEMBER,
    "/m/tasks/{code}/decline": MEMBER,
    "/m/tasks/{code}/draft": MEMBER,
    "/m/tasks/{code}/recognised": MEMBER,
    "/m/tasks/{code}/recuse": MEMBER,
    "/m/tasks/{code}/submit": MEMBER,
    "/m/influence": MEMBER,
    "/m/leads": MEMBER,
    "/m/tasks/{code}/check-in": MEMBER,
    "/office/influence": "independent",
    "/office/influence/{code}": "independent",
    "/office/influence/{code}/close": "independent",
    "/office/leads/{code}/answer": COORDINATOR,
    "/office/leads/{code}/take": COORDINATOR,
    "/office/members/{code}/paper": COORDINATOR,
    "/office/paper/{code}/check": "coordinator intake",
    "/office/paper/{code}/enter": "coordinator intake",
    "/office/paper/{code}/scan": "coordinator intake",
    "/office/paper/{code}/settle": "coordinator intake",
    "/office/paper/{code}/spoil": "coordinator intake",
    "/office/posters/files": COORDINATOR,
    "/office/posters/files/{code}/cancel": COORDINATOR,
    "/office/posters/print": COORDINATOR,
    "/office/posters/reprint": COORDINATOR,
    "/office/rounds/{code}/notice": COORDINATOR,
    "/office/rounds/{code}/notice/withdraw": COORDINATOR,
    "/office/accusations/{code}": "independent",
    # The discipline office notes sealed kinds alone, which an empty form does not name.
    "/office/findings": "coordinator reviewer",
    "/office/findings/{code}/steps/{step}": FINDING_WORKERS,
    "/office/findings/{code}/evidence": FINDING_WORKERS,
    "/office/findings/{code}/transfer": FINDING_WORKERS,
    "/office/findings/{code}/transfers/{number}": FINDING_WORKERS,
    "/office/findings/{code}/exposure": FINDING_WORKERS,
    "/office/findings/{code}/clocks/{number}": FINDING_WORKERS,
    "/office/findings/{code}/exposures/{number}": "publisher",
    "/unit/findings/{code}/receive": LIAISON,
    "/unit/findings/{code}/reply": LIAISON,
    "/unit/findings/{code}/report": LIAISON,
    "/unit/windows/{code}/close": LIAISON,
    "/unit/windows/{code}/reopen": LIAISON,
    "/office/members/record": COORDINATOR,
    "/office/members/{code}/exclude": COORDINATOR,
    "/office/members/{code}/resign": COORDINATOR,
    "/office/rankings/{code}/answers/{answer}": PUBLISHING,
    "/office/rankings/{code}/close": COORDINATOR,
    "/office/rankings/{code}/notify": PUBLISHING,
    "/office/rankings/{code}/publish": PUBLISHING,
    "/{lang}/recruitment/{code}/proof": EVERYBODY,
    "/office/recruitment/{code}/choice": COORDINATOR,
    "/office/recruitment/{code}/lottery": COORDINATOR,
    "/office/recruitment/{code}/lottery/{run}/ask": PUBLISHING,
    "/office/recruitment/{code}/lottery/{run}/cancel": COORDINATOR,
    "/office/recruitment/{code}/lottery/{run}/number": "coordinator publisher reviewer",
    "/office/recruitment/{code}/lottery/{run}/publish": PUBLISHING,
    "/office/recruitment/{code}/lottery/{run}/settle": PUBLISHING,
    "/office/recruitment": COORDINATOR,
    "/office/recruitment/{code}/applications/{ticket}/look": SCREENING,
    "/office/recruitment/{code}/applications/{ticket}/ask": SCREENING,
    "/office/recruitment/{code}/applications/{ticket}/reply": SCREENING,
    "/office/recruitment/{code}/applications/{ticket}/receipt": SCREENING,
    "/office/recruitment/{code}/applications/{ticket}/letter": SCREENING,
    "/office/recruitment/{code}/approve": PUBLISHING,
    "/office/recruitment/{code}/cards": COORDINATOR,
    "/office/recruitment/{code}/appointment": COORDINATOR,
    "/office/recruitment/{code}/certificates": COORDINATOR,
    "/office/recruitment/{code}/completion": COORDINATOR,
    "/office/recruitment/{code}/notice/close": COORDINATOR,
    "/office/recruitment/{code}/notice/paper": COORDINATOR,
    "/office/recruitment/{code}/notice/replace": COORDINATOR,
    "/office/recruitment/{code}/objections/{number}": COORDINATOR,
    "/office/recruitment/{code}/objections/{number}/look": COORDINATOR,
    "/office/recruitment/{code}/cancel": COORDINATOR,
    "/office/recruitment/{code}/extend": COORDINATOR,
    "/office/recruitment/{code}/finish": COORDINATOR,
    "/office/recruitment/{code}/reopen": COORDINATOR,
    "/office/recruitment/{code}/start": COORDINATOR,
    "/office/recruitment/{code}/import": SCREENING,
    "/office/recruitment/{code}/imports/{run}/cancel": SCREENING,
    "/office/recruitment/{code}/imports/{run}/resume": SCREENING,
    "/office/recruitment/{code}/imports/{run}/slips": SCREENING,
    "/office/recruitment/{code}/nominations/{number}/bar": COORDINATOR,
    "/office/recruitment/{code}/nominations/{number}/look": SCREENING,
    "/office/recruitment/{code}/nominations/{number}/withdraw": COORDINATOR,
    "/office/recruitment/{code}/screening": SCREENING,
    "/office/recruitment/{code}/vetting": SCREENING,
    "/office/recruitment/{code}/vetting/{sheet}/file": SCREENING,
    "/office/recruitment/{code}/vetting/{sheet}/hits/{ticket}": SCREENING,
    "/office/recruitment/{code}/vetting/{sheet}/recall": SCREENING,
    "/office/recruitment/{code}/vetting/{sheet}/reply": SCREENING,
    "/office/batch": "reviewer",
    "/office/batch/accept": "reviewer",
    "/office/batch/end": "reviewer",
    "/office/revisits/{code}": COORDINATOR,
    "/office/review/{code}/accept": "reviewer",
    "/office/review/{code}/hold": "reviewer",
    "/office/review/{code}/release": "reviewer",
    "/office/review/{code}/keep": "reviewer",
    "/office/review/{code}/send-back": "reviewer",
    "/office/review/{code}/void": "reviewer",
    "/office/review/{code}/void/confirm": "reviewer",
    "/office/review/{code}/void/refuse": "reviewer",
    "/office/roster/import": COORDINATOR,
    "/office/rounds": COORDINATOR,
    "/office/rounds/{code}": COORDINATOR,
    "/office/rounds/{code}/approve": PUBLISHING,
    "/office/rounds/{code}/cancel": COORDINATOR,
    "/office/rounds/{code}/close": COORDINATOR,
    "/office/rounds/{code}/commit": COORDINATOR,
    "/office/rounds/{code}/draw": COORDINATOR,
    "/office/rounds/{code}/numbers": "coordinator publisher reviewer",
    "/office/rounds/{code}/second-stage": COORDINATOR,
    "/office/rounds/{code}/next": COORDINATOR,
    "/office/rulebooks": COORDINATOR,
    "/office/rulebooks/{code}/approve": COORDINATOR,
    "/office/rulebooks/{code}/dry-run": COORDINATOR,
    "/office/rulebooks/{code}/give-back": COORDINATOR,
    "/office/rulebooks/{code}/withdraw": COORDINATOR,
    "/office/rulebooks/drafts": COORDINATOR,
    "/office/rulebooks/drafts/{code}/basics": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms": COORDINATOR,
    "/office/rulebooks/drafts/{code}/numbers/{chapter}": COORDINATOR,
    "/office/rulebooks/drafts/{code}/groups": COORDINATOR,
    "/office/rulebooks/drafts/{code}/dry-run": COORDINATOR,
    "/office/rulebooks/drafts/{code}/propose": COORDINATOR,
    "/office/rulebooks/drafts/{code}/discard": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}/sum": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}/remove": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}/sections/{section}": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}/vetoes/{veto}": COORDINATOR,
    "/office/rulebooks/drafts/{code}/forms/{form}/items/{item}": COORDINATOR,
    "/office/staff/compare": SCREENING,
    "/office/staff/hits/{number}": SCREENING,
    "/office/staff/lists": SCREENING,
    "/office/terms/members/{code}/erasure": COORDINATOR,
    "/office/terms/members/{code}/renewal": COORDINATOR,
    "/office/terms/members/{code}/suspend": COORDINATOR,
    "/office/terms/proceedings/{code}/approve": PUBLISHING,
    "/office/terms/proceedings/{code}/hear": COORDINATOR,
    "/office/terms/proceedings/{code}/letter": PUBLISHING,
    "/office/terms/proceedings/{code}/lift": COORDINATOR,
    "/office/terms/proceedings/{code}/look": PUBLISHING,
    "/office/terms/renewals": COORDINATOR,
    "/office/terms/wishes/{code}/decide": COORDINATOR,
    "/office/terms/wishes/{code}/look": COORDINATOR,
    "/office/openings": ASKING,
    "/office/openings/{code}/decide": ASKING,
    "/office/openings/{code}/open": ASKING,
    "/office/results": COORDINATOR,
    "/office/results/{code}/comments/{comment}": "coordinator reviewer",
    "/office/results/{code}/drop": COORDINATOR,
    "/office/results/{code}/release": PUBLISHING,
    "/office/rounds/{code}/look": COORDINATOR,
    "/office/targeting": COORDINATOR,
    "/office/targeting/counts": COORDINATOR,
    "/office/targeting/import": COORDINATOR,
    "/office/windows/{code}/close": COORDINATOR,
    "/office/windows/{code}/reopen": COORDINATOR,
    "/office/windows/{code}/retire": COORDINATOR,
    "/unit/orders/{code}/receive": LIAISON,
    "/unit/rankings/{code}/answer": LIAISON,
    "/admin/accounts": "administrator",
    "/admin/accounts/{code}/deactivate": "administrator",
    "/admin/accounts/{code}/edit": "administrator",
    "/admin/accounts/{code}/reset": "administrator",
}
DECLARED = {"GET": GET, "POST": POST}
OPEN_SESSION = {
    "/me",
    "/m/me",
    "/me/secret",
    "/m/me/secret",
    "/sign-out",
    "/me/sessions/{code}/end",
    "/m/me/sessions/{code}/end",
}
"""They read the very session row, which these callers do not have: 403 says so after the guard."""


def _general(path: str) -> str:
    """Return an address with its language and kinds of parameters left out."""
    plain = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
    return re.sub(r"^/(zh|en)(?=/(?!w/)|$)", "/{lang}", plain)


def addresses(app: Litestar) -> Iterator[tuple[str, str]]:
    """Yield the method and path of every handler; HEAD and OPTIONS change nothing."""
    for route in app.routes:
        for method in getattr(route, "route_handler_map", {}):
            if str(method) not in {"HEAD", "OPTIONS"}:
                yield str(method), route.path


@pytest.fixture
def app(engine: db.Engine, settings: Settings) -> Litestar:
    """Return the application."""
    return web_app.create(settings, keys.current())


@pytest.mark.engines("sqlite")
async def test_every_address_declares_who_may_call_it(app: Litestar) -> None:
    found = {(method, _general(path)) for method, path in addresses(app)}
    declared = {(method, path) for method, table in DECLARED.items() for path in table}
    assert sorted(found - declared) == [], "declare who may call these"
    assert sorted(declared - found) == [], "these are gone"


async def _refused(browser: Any, method: str, url: str) -> bool:
    """Tell whether the door stays shut: forbidden, or led to the sign-in."""
    answer = await browser.get(url) if method == "GET" else await browser.post_form(url, {})
    assert answer.status_code < 500, f"{method} {url}: {answer.status_code}"
    if answer.status_code == 303:
        return "/sign-in?next=" in answer.headers["location"]
    return answer.status_code in {401, 403}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("name", CALLERS)
async def test_each_role_meets_the_declared_doors(
    app: Litestar, browse: Callable[..., Any], name: str
) -> None:
    await rulebook.approved()
    browser = browse(CALLERS[name])
    wrong = []
    for method, path in addresses(app):
        allowed = DECLARED[method][_general(path)]
        if allowed == EVERYBODY and name not in {"-", "auditor"}:
            continue  # no session is read there
        if path.endswith("/sign-in") and method == "POST":
            continue  # answers 403 to a wrong password by its nature
        url = re.sub(r"\{\w+:\w+\}", NOBODY, path)
        refused = await _refused(browser, method, url)
        if refused is (name in allowed.split()) and _general(path) not in OPEN_SESSION:
            wrong.append(f"{method} {path} {'refuses' if refused else 'lets in'} {name}")
        if _general(path) in OPEN_SESSION:
            assert refused, f"{method} {path} without a session of its own"
    assert wrong == []


async def test_another_members_task_answers_like_one_that_does_not_exist(
    app: Litestar, browse: Callable[..., Any]
) -> None:
    setting = await visits.running_round()
    owner, task, receipt = await evaluations.sent(setting)
    other = next(code for code in setting.members if code != owner.member)
    mine, theirs = browse(owner), browse(people.member(other, 9300))
    assert (await mine.get(f"/m/tasks/{task.code}")).status_code == 200
    assert (await mine.get(f"/m/receipts/{receipt.code}")).status_code == 200
    asked = 0
    for method, path in addresses(app):
        if not path.startswith(("/m/tasks/{", "/m/receipts/{")):
            continue
        real = receipt.code if "receipts" in path else task.code
        told = []
        for code in (real, NOBODY):
            url = re.sub(r"\{\w+:\w+\}", code, path)
            form = {"kind": "relative", "key": evaluations.key(7), "on": "2026-03-11", "seen": "x"}
            answer = await (theirs.get(url) if method == "GET" else theirs.post_form(url, form))
            text = answer.text.replace(code, "")
            masked = re.sub(r'name="csrf" value="[^"]*"', "", text)
            told.append((answer.status_code, masked, answer.headers.get("location")))
        assert told[0] == told[1], f"{method} {path}"
        assert told[0][0] in {404, 422}, f"{method} {path} {told[0][0]}"
        asked += 1
    assert asked > 10
