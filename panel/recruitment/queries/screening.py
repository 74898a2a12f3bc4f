"""Reads of applications while they are screened: counted, filtered and paged by the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, Final

from panel.db import beside, forwards, raw
from panel.errors import Closed, Missing
from panel.ids import Code, PersonId
from panel.recruitment.rules import screening as judging
from panel.recruitment.tables import Application, Vetting
from panel.recruitment.types.applications import ApplicationState, ApplicationView
from panel.recruitment.types.campaigns import (
    CampaignView,
    Progress,
    Screened,
    Unsettled,
    Verdict,
)
from panel.recruitment.types.vetting import AskedView, HitKind, HitState, ListedState, ListState
from panel.rulebook import queries as rulebook
from panel.rulebook.types import Text
from panel.vault import queries as identities

_GIVEN: Final = "(SELECT COUNT(*) FROM application_vetting v WHERE v.application = a.id)"
_PASSED: Final = (
    "(SELECT COUNT(*) FROM application_vetting v WHERE v.application = a.id AND v.verdict = {})"
)
_STEPS: Final = ("first", "second", "third")


async def progress(campaign: CampaignView) -> Progress:
    """Count a campaign's applications by state, by what screening still lacks, by category."""
    by_state: dict[str, int] = defaultdict(int)
    by_category: dict[str, int] = defaultdict(int)
    for row in await raw(
        "SELECT state, category, COUNT(*) AS n FROM application WHERE campaign = {} "
        "AND state <> {} GROUP BY state, category",
        campaign.id,
        ApplicationState.STAGED,
    ):
        by_state[row["state"]] += int(row["n"])
        by_category[row["category"]] += int(row["n"])
    numbers = [0, 0, 0]
    for row in await raw(
        f"SELECT given, COUNT(*) AS n FROM (SELECT {_GIVEN} AS given FROM application a "
        "WHERE a.campaign = {} AND a.state = {}) AS counted GROUP BY given",
        campaign.id,
        ApplicationState.SUBMITTED,
    ):
        numbers[min(int(row["given"]), 2)] += int(row["n"])
    return Progress(
        total=sum(by_state.values()),
        by_state=dict(by_state),
        unjudged=numbers[0],
        waiting=numbers[1],
        disputed=numbers[2],
        by_category=dict(by_category),
    )


async def votes(
    campaign: CampaignView, *, only_open: bool = False
) -> dict[int, list[judging.Vote]]:
    """Return the verdicts on a campaign's applications in the order in which they were given."""
    query = Vetting.select(
        Vetting.application,
        Vetting.clerk,
        Vetting.office,
        Vetting.verdict,
        Vetting.reason,
        Vetting.listed,
    ).where(Vetting.application.campaign == campaign.id)
    if only_open:
        query = query.where(Vetting.application.state == ApplicationState.SUBMITTED)
    found: dict[int, list[judging.Vote]] = defaultdict(list)
    for row in await query.order_by(Vetting.id):
        found[row["application"]].append(_vote(row))
    return dict(found)


def _vote(row: dict[str, Any]) -> judging.Vote:
    return judging.Vote(
        PersonId(row["clerk"]),
        row["office"],
        Verdict(row["verdict"]),
        row["reason"],
        bool(row["listed"]),
    )


async def votes_on(application: int) -> list[judging.Vote]:
    """Return the verdicts on one application in the order in which they were given."""
    rows = await raw(
        "SELECT clerk, office, verdict, reason, listed FROM application_vetting "
        "WHERE application = {} ORDER BY id",
        application,
    )
    return [_vote(row) for row in rows]


async def reasons(campaign: CampaignView) -> dict[str, Text | None]:
    """Return the reason codes of a campaign with the rulebook's words for those of its list."""
    recruitment = (await rulebook.version(campaign.rulebook)).rulebook.recruitment
    texts = {each.key: each.text for each in recruitment.exclusions}
    return {code: texts.get(code) for code in judging.reasons(texts)}


async def awaited(campaign: CampaignView) -> set[int]:
    """Return the applications about which an office or a hit has still to be heard."""
    rows = await raw(
        "SELECT DISTINCT l.application AS number FROM vetting_listed l "
        "JOIN vetting_list v ON v.id = l.sheet WHERE v.campaign = {} AND v.state <> {} "
        "AND l.state IN ({}, {})",
        campaign.id,
        ListState.CANCELLED,
        ListedState.SENT,
        ListedState.HIT,
    )
    return {row["number"] for row in rows}


async def asked(view: ApplicationView) -> AskedView:
    """Return what was asked and answered about an application; its page logs a look first."""
    row = (
        await Application.select(
            Application.state,
            Application.reason,
            Application.question,
            Application.answer,
            Application.answer_until,
            Application.answered_at,
        )
        .where(Application.id == view.id)
        .first()
    )
    if row is None:
        raise Missing("application.unknown")
    return AskedView(
        state=ApplicationState(row["state"]),
        reason=row["reason"],
        question=await said(view.person, row["question"]),
        answer=await said(view.person, row["answer"]),
        answer_until=row["answer_until"],
        answered_at=row["answered_at"],
    )


async def said(person: PersonId, attachment: str) -> str:
    """Return a question or an answer that lies in the vault; nothing where none is left."""
    if not attachment:
        return ""
    try:
        return (await identities.attachment(person, Code(attachment))).data.decode()
    except Closed:  # destroyed with the person's key
        return ""


async def settled(campaign: CampaignView, at: dt.datetime) -> Unsettled:
    """Count what still keeps the screening from being finished."""
    states = {
        row["state"]: int(row["n"])
        for row in await raw(
            "SELECT state, COUNT(*) AS n FROM application WHERE campaign = {} GROUP BY state",
            campaign.id,
        )
    }
    (running,) = await raw(
        "SELECT COUNT(*) AS n FROM application WHERE campaign = {} AND state = {} "
        "AND answer_until >= {}",
        campaign.id,
        ApplicationState.INELIGIBLE,
        at,
    )
    (lists,) = await raw(
        "SELECT COUNT(*) AS n FROM vetting_list WHERE campaign = {} AND state = {}",
        campaign.id,
        ListState.SENT,
    )
    (hits,) = await raw(
        "SELECT COUNT(*) AS n FROM vetting_listed l JOIN vetting_list v ON v.id = l.sheet "
        "WHERE v.campaign = {} AND l.state = {}",
        campaign.id,
        ListedState.HIT,
    )
    (staff,) = await raw(
        "SELECT COUNT(*) AS n FROM staff_hit h JOIN application a ON a.code = h.subject "
        "WHERE a.campaign = {} AND h.kind = {} AND h.state = {}",
        campaign.id,
        HitKind.APPLICANT,
        HitState.OPEN,
    )
    open_ones = (ApplicationState.SUBMITTED, ApplicationState.STAGED)
    return Unsettled(
        undecided=sum(states.get(each, 0) for each in open_ones),
        questions=states.get(ApplicationState.NEEDS_INFO, 0),
        replies=states.get(ApplicationState.REPLIED, 0),
        reply_rights=int(running["n"]),
        lists=int(lists["n"]),
        hits=int(hits["n"]) + int(staff["n"]),
    )


def _where(campaign: CampaignView, wanted: Screened) -> tuple[str, list[object]]:
    """Return what the applications of a list have in common, as SQL with its values."""
    parts: list[str] = ["a.campaign = {}", "a.state <> {}"]
    values: list[object] = [campaign.id, ApplicationState.STAGED]
    for column, value in (("category", wanted.category), ("district", wanted.district),
                          ("code", wanted.ticket or ""), ("state", wanted.state)):  # fmt: skip
        if value:
            parts.append(f"a.{column} = {{}}")
            values.append(value)
    if wanted.settled is not None:
        parts.append("a.state <> {}" if wanted.settled else "a.state = {}")
        values.append(ApplicationState.SUBMITTED)
    if wanted.waiting in _STEPS:
        parts.append(f"a.state = {{}} AND {_GIVEN} = {{}}")
        values += [ApplicationState.SUBMITTED, _STEPS.index(wanted.waiting)]
    if wanted.unjudged_by is not None:
        parts.append(
            "NOT EXISTS (SELECT 1 FROM application_vetting v "
            "WHERE v.application = a.id AND v.clerk = {} AND (v.listed = {} OR v.verdict = {}))"
        )
        values += [wanted.unjudged_by, False, Verdict.FAIL]
    return " AND ".join(parts), values


async def count_of(campaign: CampaignView, wanted: Screened) -> int:
    """Count the applications of a list."""
    where, values = _where(campaign, wanted)
    (row,) = await raw(f"SELECT COUNT(*) AS n FROM application a WHERE {where}", *values)
    return int(row["n"])


async def tickets_of(campaign: CampaignView, wanted: Screened) -> list[Code]:
    """Return the tickets of a whole list, in the order of receipt."""
    where, values = _where(campaign, wanted)
    rows = await raw(f"SELECT a.code FROM application a WHERE {where} ORDER BY a.id", *values)
    return [Code(row["code"]) for row in rows]


async def applications_of(
    campaign: CampaignView, wanted: Screened, *, limit: int, after: int = 0, before: int = 0
) -> list[ApplicationView]:
    """Return applications of a list in the order of receipt, after one or the last before one."""
    where, values = _where(campaign, wanted)
    here, key, order = beside("a.id", after, before)
    rows = await raw(
        "SELECT a.id, a.code, a.person, a.category, a.district, a.sex, a.age_band, a.occupation, "
        f"a.state, a.reason, a.received_at, {_GIVEN} AS given, {_PASSED} AS passes "
        f"FROM application a WHERE {where} AND {here} ORDER BY {order} LIMIT {{}}",
        Verdict.PASS,
        *values,
        *key,
        limit,
    )
    return [_view(row) for row in forwards(rows, before)]


def _view(row: dict[str, Any]) -> ApplicationView:
    return ApplicationView(
        id=row["id"],
        ticket=Code(row["code"]),
        person=PersonId(row["person"]),
        category=row["category"],
        district=row["district"],
        sex=row["sex"],
        age_band=row["age_band"],
        occupation=row["occupation"],
        state=ApplicationState(row["state"]),
        reason=row["reason"],
        passes=int(row["passes"]),
        fails=int(row["given"]) - int(row["passes"]),
        received_at=row["received_at"],
    )


async def application(campaign: CampaignView, ticket: Code) -> ApplicationView:
    """Return one application by its ticket number."""
    found = await applications_of(campaign, Screened(ticket=ticket), limit=1)
    if not found:
        raise Missing("application.unknown")
    return found[0]
