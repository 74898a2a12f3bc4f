"""Officers' figures and evidence: computed from confirmed rosters, commended, proposed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, raw, savepoint
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid
from panel.evaluations.queries import attributing
from panel.ids import Code
from panel.rankings import queries as rankings
from panel.rankings.queries import officers as queries
from panel.rankings.rules import attribution
from panel.rankings.rules import officers as rules
from panel.rankings.rules.ranking import compute as fitted
from panel.rankings.tables import Commendation, OfficerCase, OfficerEdition
from panel.rankings.types.officers import (
    CaseState,
    CaseView,
    CommendationView,
    Figure,
    OfficerList,
    Side,
)
from panel.roster.queries import duty
from panel.rulebook import queries as rulebooks
from panel.vault import commands as vault
from panel.visits import queries as rounds
from panel.visits.types import RoundView
from panel.workdays import year_of

TEXT: Final = "text/plain"
_EDITION_SEALED: Final = ("round", "number", "rulebook", "method", "input_hash", "sealed")
_COMMENDATION_SEALED: Final = ("code", "officer", "document", "recorded_by", "verified_by")
CASE_SEALED: Final = (
    "code", "officer", "side", "state", "nominated_by", "checked_by", "notice_document",
    "hearing_document", "listed", "decision_document", "decided_by", "level", "approval",
    "published_by",
)  # fmt: skip


async def compute(actor: Actor, round: Code, *, at: datetime) -> OfficerList:  # noqa: A002
    """Compute the officers' figures of the year up to a round whose ranking was computed.

    By confirmed rosters alone: a sheet that they do not give to exactly one officer is nobody's.
    Who came when is compared in memory; kept is what each officer got, encrypted.
    """
    actor.require(Role.COORDINATOR)
    ranking = await rankings.ranking(round)
    view = await rounds.round(round)
    async with entry(actor, "rankings.compute_officers", at=at) as note:
        before = await queries.made(round)
        found = await _computed(view, ranking.rulebook_code)
        if before is not None and before.input_hash == found.input_hash:
            raise Conflict("officers.unchanged")
        number = before.number + 1 if before else 1
        row = OfficerEdition(
            round=view.id,
            number=number,
            rulebook=ranking.rulebook_code,
            method=found.method,
            computed_by=actor.person,
            computed_at=at,
            input_hash=found.input_hash,
            attributed=found.attributed,
            unattributed=found.unattributed,
            sealed=queries.sealed(
                msgspec.json.encode(found.figures), queries.list_context(view.id, number)
            ),
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(OfficerEdition, [row])
        except Duplicate as known:
            raise Conflict("officers.at_once") from known
        note.seal(row, *_EDITION_SEALED)
        note.about("officers", round, number=number, attributed=found.attributed)
    made = await queries.made(round)
    if made is None:
        raise Conflict("officers.at_once")
    return made


class _Computed(NamedTuple):
    """One computing before it is stored."""

    method: str
    input_hash: str
    attributed: int
    unattributed: int
    figures: tuple[Figure, ...]


async def _computed(view: RoundView, rulebook: Code) -> _Computed:
    """Compare the year's sheets with the rosters and compute everybody's figures."""
    book = (await rulebooks.version(rulebook)).rulebook
    together = await rounds.counting_with(view)
    sheets = await attributing.visited([each.id for each in together])
    on_duty = attribution.Duty(await duty.confirmed(*queries.span(together)))
    mine = attribution.attribute(sheets, on_duty)
    officers = {each.id: each for each in await duty.officers()}
    seen = {each.officer for each in mine}
    listed = [each for number, each in officers.items() if number in seen]
    raters = await rounds.same_visitors(together, f"officers {year_of(view.draft.ends)}")
    periods = {each.id: each.code for each in together}
    found = fitted(
        [attribution.listing(listed, book)],
        attribution.cells(mine, officers, raters, periods),
        attribution.options(book, f"{view.record_hash}:officers"),
    )
    held = attribution.findings(mine, on_duty, book.publication.minimum_visitors)
    figures = attribution.figures(
        found.lists,
        {each.code: each.unit_code for each in listed},
        {officers[number].code: codes for number, codes in held.items()},
    )
    evidence = canonical([[each.officer, list(each.findings)] for each in figures]).decode()
    return _Computed(
        method=book.ranking.method,
        input_hash=attribution.joined_hash(found.input_hash, evidence),
        attributed=len(mine),
        unattributed=len(sheets) - len(mine),
        figures=figures,
    )


async def commend(
    actor: Actor, officer: Code, *, received_on: date, document: str, text: str, at: datetime
) -> CommendationView:
    """Record a written commendation of an officer; what it says goes to the vault."""
    actor.require(Role.COORDINATOR)
    number = rules.line(document, "document")
    words = rules.passage(text, "text")
    if received_on > rules.local(at):
        raise Invalid("form.faults", Fault("received_on", "form.date"))
    async with entry(actor, "rankings.commend", at=at) as note:
        about = await duty.officer(officer)
        row = Commendation(
            code=fresh_code(),
            officer=about.id,
            received_on=received_on,
            document=number,
            text=await vault.attach(about.person, words.encode(), TEXT, at=at),
            recorded_by=actor.person,
            recorded_at=at,
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Commendation, [row])
        except Duplicate as known:
            raise Conflict("officers.commended") from known
        note.seal(row, *_COMMENDATION_SEALED)
        note.about("commendation", row.code)
    return await queries.commendation(Code(row.code))


async def verify(actor: Actor, code: Code, *, at: datetime) -> CommendationView:
    """Confirm as a second person that the document of a commendation was seen."""
    async with entry(actor, "rankings.verify_commendation", at=at) as note:
        view = await queries.commendation(code)
        rules.may_verify(actor, view.recorded_by, verified=view.verified_at is not None)
        done = (
            await Commendation.update(
                {Commendation.verified_by: actor.person, Commendation.verified_at: at}
            )
            .where(Commendation.code == code, Commendation.verified_at.is_null())
            .returning(*Commendation.all_columns())
        )
        if not done:
            raise Conflict("officers.verified")
        note.seal(Commendation(**done[0]), *_COMMENDATION_SEALED)
        note.about("commendation", code, verified=True)
    return await queries.commendation(code)


async def nominate(
    actor: Actor,
    round: Code,  # noqa: A002 - the round is what it is
    officer: Code,
    side: str,
    *,
    at: datetime,
) -> CaseView:
    """Propose an officer for a list by the newest figures or by verified evidence, once a round.

    Refuses whom neither allows to propose, who is no mid-level officer, who left the post.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    for_list = rules.chosen(Side, side, "side")
    async with entry(actor, "rankings.nominate_officer", at=at) as note:
        made = await queries.made(round)
        if made is None:
            raise Conflict("officers.not_computed")
        about = await duty.officer(officer)
        found = await queries.candidates(actor, round)
        evidence = rules.may_nominate(found, about, for_list, made)
        code = fresh_code()
        row = OfficerCase(
            code=code,
            edition=made.id,
            round=(await rounds.round(round)).id,
            officer=about.id,
            side=for_list,
            evidence=queries.sealed(msgspec.json.encode(evidence), queries.case_context(code)),
            state=CaseState.NOMINATED,
            nominated_by=actor.person,
            nominated_at=at,
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(OfficerCase, [row])
        except Duplicate as known:
            raise Conflict("officers.nominated") from known
        note.seal(row, *CASE_SEALED)
        bases = [each.value for each in evidence.bases]
        note.about("officer_case", code, round=round, side=for_list.value, bases=bases)
    return await queries.stored(code)


async def take_place(view: CaseView, size: int) -> None:
    """Take one place of a list; refuses the one after the last. Joins the caller's command."""
    column = "listed_top" if view.side is Side.TOP else "listed_bottom"
    rows = await raw(
        f"UPDATE officer_edition SET {column} = {column} + 1 WHERE number = 1 AND {column} < {{}} "
        "AND round = (SELECT round FROM officer_case WHERE id = {}) RETURNING id",
        size,
        view.id,
    )
    if not rows:
        raise Conflict("officers.list_full", size=size)


async def free_place(view: CaseView) -> None:
    """Give the place of a list back; joins the caller's command."""
    column = "listed_top" if view.side is Side.TOP else "listed_bottom"
    await raw(
        f"UPDATE officer_edition SET {column} = {column} - 1 WHERE number = 1 "
        "AND round = (SELECT round FROM officer_case WHERE id = {})",
        view.id,
    )
