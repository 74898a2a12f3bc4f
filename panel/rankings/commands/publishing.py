"""Publishing a ranking: on notice, final, corrected; recording the files that were written."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from panel.actor import SYSTEM, Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry, seal_chain
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict, Missing
from panel.ids import Code
from panel.queue.commands import enqueue
from panel.rankings import queries
from panel.rankings.commands.hearing import step
from panel.rankings.queries import lifecycle
from panel.rankings.queries.appeals import under_appeal
from panel.rankings.rules import appeals
from panel.rankings.rules import lifecycle as rules
from panel.rankings.tables import Publication, Ranking
from panel.rankings.types import (
    AppealKind,
    PublicationView,
    RankingState,
    RankingView,
    ReleaseStatus,
)
from panel.rulebook import queries as rulebooks

RELEASE: Final = "rankings.release"
"""Kind of the job that writes the public files."""
ASSESSMENT: Final = "assessments.open"
"""Kind of the job that whoever assesses runs on a published ranking; that is all known of it."""
_SEALED: Final = ("sequence", "manifest_hash", "previous_hash")


async def publish(
    actor: Actor,
    round: Code,  # noqa: A002
    *,
    at: datetime,
    paper: Signature | None = None,
) -> PublicationView:
    """Make final lists public, or a correction of public ones, once for each edition.

    As another person than who computed it. Refuses before everything is signed, and before the
    history is sealed.
    """
    actor.require(Role.PUBLISHER, Role.COORDINATOR)
    await sealed_history()
    async with entry(actor, "rankings.publish", at=at, paper=paper) as note:
        view = await queries.ranking(round)
        sheet = await lifecycle.procedure(view, at=at, draws_too=False)
        status = rules.may_publish(view, sheet, await lifecycle.deliveries(view.id), at)
        second_person(view.computed_by, actor, paper)
        await step(
            note,
            view,
            RankingState.PUBLISHED,
            {
                Ranking.published_at: at,
                Ranking.published_by: actor.person,
                Ranking.document: paper.document if paper else "",
            },
        )
        sequence = await place(note, view, status, at=at)
        job = f"{ASSESSMENT}:{round}"
        await enqueue(ASSESSMENT, {"round": round}, run_at=at, dedupe=f"{job}:{view.edition}")
    return await publication(sequence)


async def open_notice(actor: Actor, round: Code, *, at: datetime) -> PublicationView:  # noqa: A002
    """Put recounted lists on public notice, once every unit was heard or had its time.

    Places under appeal are not printed. Refuses while a unit may still appeal or answer.
    """
    actor.require(Role.PUBLISHER, Role.COORDINATOR)
    await sealed_history()
    async with entry(actor, "rankings.open_notice", at=at) as note:
        view = await queries.ranking(round)
        rules.may_open_notice(
            view, await lifecycle.deliveries(view.id), await queries.open_answers(view.id), at
        )
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        await step(
            note,
            view,
            RankingState.NOTICE,
            {
                Ranking.notice_from: at,
                Ranking.notice_until: appeals.limit(book, "public_notice", at),
            },
        )
        sequence = await place(note, view, ReleaseStatus.NOTICE, at=at)
    return await publication(sequence)


async def sealed_history() -> None:
    """Let the chain hold everything so far: what will be public must stand in it before."""
    while await seal_chain():
        pass


async def place(note: Note, view: RankingView, status: ReleaseStatus, *, at: datetime) -> int:
    """Take the next place in the chain of publications, and ask for its files."""
    if await queries.unsealed(view.id):
        raise Conflict("ranking.unsealed")
    newest = next(iter(await queries.publications()), None)
    sequence = newest.sequence + 1 if newest else 1
    open_ones = await under_appeal(AppealKind.RANKING, view.round_code)
    row = Publication(
        sequence=sequence,
        ranking=view.id,
        edition=view.edition,
        status=status.value,
        under_appeal=canonical(sorted(open_ones)).decode(),
        published_at=at,
    )
    try:
        async with savepoint():
            (row.id,) = await insert_rows(Publication, [row])
    except Duplicate as known:  # another ranking took the number
        raise Conflict("ranking.state_changed") from known
    note.seal(row, *_SEALED)
    note.about("publication", str(sequence), round=view.round_code, status=status.value)
    await enqueue(RELEASE, {"sequence": sequence}, run_at=at, dedupe=f"{RELEASE}:{sequence}")
    return sequence


async def publication(sequence: int) -> PublicationView:
    """Return one place of the chain."""
    for each in await queries.publications():
        if each.sequence == sequence:
            return each
    raise Missing("publication.missing")


async def record_release(
    sequence: int, manifest_hash: str, previous_hash: str, *, at: datetime
) -> PublicationView:
    """Record the manifest of the files that were written; the same again changes nothing.

    Refuses another manifest, and one that does not follow the publication before.
    """
    found = await publication(sequence)
    if found.manifest_hash == manifest_hash:
        return found
    async with entry(SYSTEM, "rankings.release", at=at) as note:
        before = await publication(sequence - 1) if sequence > 1 else None
        if previous_hash != (before.manifest_hash if before else "") or (
            before is not None and not before.manifest_hash
        ):
            raise Conflict("publication.chain")
        changed = (
            await Publication.update(
                {
                    Publication.manifest_hash: manifest_hash,
                    Publication.previous_hash: previous_hash,
                }
            )
            .where(  # two writers of the same files agree
                Publication.sequence == sequence,
                Publication.manifest_hash.is_in(["", manifest_hash]),
            )
            .returning(Publication.id)
        )
        if not changed:
            raise Conflict("publication.recorded")
        row = await Publication.objects().get(Publication.sequence == sequence)
        if row is not None:
            note.seal(row, *_SEALED)
        note.about("publication", str(sequence), manifest=manifest_hash)
    return await publication(sequence)
