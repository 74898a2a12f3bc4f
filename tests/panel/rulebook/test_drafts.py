"""A draft is written by some, proposed, and decided about by somebody else."""

from __future__ import annotations

import pytest

from panel import db
from panel.actor import Actor, Role
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.rulebook import commands, queries
from panel.rulebook.types import AddItem, DraftState, DraftView, Numbers, RulebookState
from tests import people
from tests.make.rulebook import AT, DEFAULT, approved, in_force

third = people.staff(9099, "third", "评议办", Role.COORDINATOR)
GRACE = Numbers("rounds", {"grace_days": 9})


async def started(actor: Actor = people.coordinator) -> DraftView:
    """Return a draft of the default measures."""
    return await commands.start(actor, DEFAULT, at=AT)


async def test_a_draft_becomes_a_version_that_another_person_puts_in_force(
    engine: db.Engine,
) -> None:
    draft = await commands.edit(people.coordinator, (await started()).code, GRACE, at=AT)
    version = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    assert version.hash == draft.hash
    assert (await queries.draft(draft.code)).state is DraftState.IN_REVIEW
    assert await queries.draft_of(version.code) == draft.code
    await commands.approve(people.second, version.code, at=AT)
    assert (await queries.current()).rulebook.rounds.grace_days == 9
    assert (await queries.draft(draft.code)).state is DraftState.PUBLISHED
    with pytest.raises(Closed, match=r"rulebook\.draft_closed"):
        await commands.edit(people.coordinator, draft.code, GRACE, at=AT)


async def test_whoever_wrote_at_it_does_not_approve_it(engine: db.Engine) -> None:
    draft = await started()
    await commands.edit(people.second, draft.code, GRACE, at=AT)
    version = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    for writer in (people.coordinator, people.second):
        with pytest.raises(Forbidden, match=r"approval\.same_person"):
            await commands.approve(writer, version.code, at=AT)
        with pytest.raises(Forbidden, match=r"approval\.same_person"):
            await commands.give_back(writer, version.code, "不妥", at=AT)
    await commands.approve(third, version.code, at=AT)


async def test_a_version_that_was_given_back_is_written_on_and_proposed_again(
    engine: db.Engine,
) -> None:
    draft = await started()
    version = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    with pytest.raises(Invalid):
        await commands.give_back(people.second, version.code, " ", at=AT)
    await commands.give_back(people.second, version.code, "宽限期太短", at=AT)
    given_back = await queries.version(version.code)
    assert (given_back.state, given_back.reason) == (RulebookState.RETURNED, "宽限期太短")
    assert not given_back.public
    with pytest.raises(Missing, match=r"rulebook\.none"):
        await queries.current()
    again = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    assert (again.code, again.state) == (version.code, RulebookState.PROPOSED)
    await commands.withdraw(people.coordinator, again.code, at=AT)
    changed = await commands.edit(people.coordinator, draft.code, GRACE, at=AT)
    assert changed.state is DraftState.DRAFT
    third_time = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    assert third_time.code != version.code


async def test_a_text_proposed_anew_by_another_still_knows_who_wrote_it(
    engine: db.Engine,
) -> None:
    version = await commands.propose(people.coordinator, DEFAULT, at=AT)
    await commands.withdraw(people.coordinator, version.code, at=AT)
    again = await commands.propose(people.second, DEFAULT, at=AT)
    assert again.code == version.code
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.approve(people.coordinator, again.code, at=AT)


async def test_a_frozen_version_is_neither_given_back_nor_taken_back(engine: db.Engine) -> None:
    version = await approved()
    with pytest.raises(Conflict, match=r"rulebook\.frozen"):
        await commands.withdraw(people.coordinator, version.code, at=AT)
    with pytest.raises(Conflict, match=r"rulebook\.frozen"):
        await commands.give_back(people.second, version.code, "不妥", at=AT)


async def test_a_draft_with_faults_is_not_proposed(engine: db.Engine) -> None:
    draft = await commands.edit(
        people.coordinator, (await started()).code, AddItem("window", "A", "A4"), at=AT
    )
    assert draft.faults
    with pytest.raises(Invalid) as refusal:
        await commands.propose_draft(people.coordinator, draft.code, at=AT)
    assert refusal.value.faults == draft.faults
    assert await queries.versions() == []


async def test_nobody_writes_over_what_somebody_else_saved_since(engine: db.Engine) -> None:
    draft = await started()
    seen = queries.seen(draft.rulebook, GRACE)
    other = Numbers("covert", {"opening_minutes": 10})
    await commands.edit(people.second, draft.code, other, at=AT)
    await commands.edit(people.coordinator, draft.code, GRACE, seen=seen, at=AT)
    with pytest.raises(Invalid) as refusal:
        await commands.edit(people.second, draft.code, GRACE, seen=seen, at=AT)
    assert [fault.code for fault in refusal.value.faults] == ["rulebook.changed_meanwhile"]
    book = (await queries.draft(draft.code)).rulebook
    assert (book.rounds.grace_days, book.covert.opening_minutes) == (9, 10)


async def test_a_draft_of_a_version_begins_with_its_hash_and_keeps_its_groups(
    engine: db.Engine,
) -> None:
    version = await approved()
    draft = await commands.start(people.second, based_on=version.code, at=AT)
    assert (draft.hash, draft.based_on) == (version.hash, version.code)
    assert await queries.groups_kept(draft.based_on) == {
        group.key for group in version.rulebook.peer_groups
    }
    with pytest.raises(Conflict, match=r"rulebook\.known"):
        await commands.propose_draft(people.second, draft.code, at=AT)
    assert (await queries.draft(draft.code)).state is DraftState.DRAFT


async def test_a_discarded_draft_is_gone(engine: db.Engine) -> None:
    draft = await started()
    await commands.discard(people.coordinator, draft.code, at=AT)
    assert await queries.drafts() == []
    with pytest.raises(Missing, match=r"rulebook\.no_draft"):
        await commands.edit(people.coordinator, draft.code, GRACE, at=AT)


async def test_only_the_same_measures_count_as_tried(engine: db.Engine) -> None:
    await approved()
    draft = await commands.edit(people.coordinator, (await started()).code, GRACE, at=AT)
    version = await commands.propose_draft(people.coordinator, draft.code, at=AT)
    with pytest.raises(Conflict, match=r"rulebook\.no_dry_run"):
        await commands.approve(people.second, version.code, at=AT)
    assert (await in_force(version)).state is RulebookState.APPROVED


async def test_a_stranger_writes_nothing(engine: db.Engine) -> None:
    draft = await started()
    code = draft.code
    for attempt in (
        commands.start(people.stranger, DEFAULT, at=AT),
        commands.edit(people.stranger, code, GRACE, at=AT),
        commands.propose_draft(people.reviewer, code, at=AT),
        commands.discard(people.auditor, code, at=AT),
        commands.withdraw(people.reviewer, Code("0000000000"), at=AT),
        commands.give_back(people.reviewer, Code("0000000000"), "x", at=AT),
    ):
        with pytest.raises(Forbidden, match=r"actor\.role"):
            await attempt
    assert await queries.draft(code) == draft
