"""New measures are tried on the last closed round: what would have changed, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from panel import db
from panel.errors import Forbidden
from panel.evaluations.commands import dryrun
from panel.evaluations.rules import dryrun as rules
from panel.evaluations.rules import judge
from panel.evaluations.types.dryrun import DryRunResult
from panel.queue.tables import JobRow
from panel.rankings import queries as ranked
from panel.rankings.types import Kind, Method
from panel.rulebook import queries as measures
from panel.rulebook.rules import apply, read
from panel.rulebook.types import (
    AddForm,
    FormHead,
    Groups,
    ItemKind,
    Numbers,
    Remove,
    Rulebook,
    Text,
)
from panel.visits import queries as visits
from tests import people
from tests.make import rankings as make
from tests.make.evaluations import answers
from tests.make.rulebook import DEFAULT

BOOK = read(DEFAULT)
FORM = BOOK.form("window")


def weighed(book: Rulebook, **weights: int) -> Rulebook:
    """Return measures with other weights of the window's sheet."""
    form = book.form("window")
    return apply(
        book,
        FormHead(
            form.key, form.title, form.minimum_answered_weight, form.decisive,
            form.reason_at_or_below, form.veto_cap_hundredths, form.errands, weights,
        ),
    )  # fmt: skip


def with_item(book: Rulebook, key: str, **changes: object) -> Rulebook:
    """Return measures with another item of the window's sheet, unchecked."""
    form = book.form("window")
    sections = tuple(
        msgspec.structs.replace(
            section,
            items=tuple(
                msgspec.structs.replace(item, **changes) if item.id == key else item
                for item in section.items
            ),
        )
        for section in form.sections
    )
    changed = msgspec.structs.replace(form, sections=sections)
    return msgspec.structs.replace(book, forms=(changed, *book.forms[1:]))


def again(new: Rulebook, **given: int | None) -> rules.Retrial:
    """Judge a sheet anew that answers 4 throughout but for some items."""
    return rules.retry(
        FORM, new.form("window"), answers(FORM, but=given),
        covert=False, revisit=False, confirmed=False,
    )  # fmt: skip


@pytest.mark.parametrize("given", [{}, {"B2": 1}, {"B2": 3, "D1": 2, "C2": None}])
def test_under_the_same_form_a_sheet_keeps_its_score(given: dict[str, int | None]) -> None:
    retrial = again(BOOK, **given)
    assert retrial.after == judge(FORM, answers(FORM, but=given)).hundredths
    assert (retrial.fault, retrial.unused, retrial.unasked) == ("", frozenset(), frozenset())


def test_other_weights_give_another_score() -> None:
    # 4 throughout but B2 = 2: 100·(100−4.5)/96 = 95.3125 becomes 100·(96−2.5)/96 with B2 at 5.
    assert again(BOOK, B2=2).after == 9531
    assert again(weighed(BOOK, B2=5, D1=14), B2=2).after == 9740


def test_an_answer_that_the_new_kind_lacks_is_left_out() -> None:
    retrial = again(with_item(BOOK, "B2", kind=ItemKind.FACT), B2=3)
    assert (retrial.after, retrial.unused) == (10_000, frozenset({"B2"}))
    kept = again(with_item(BOOK, "B2", kind=ItemKind.FACT), B2=2)
    assert (kept.after, kept.unused) == (9531, frozenset())
    minutes = again(with_item(BOOK, "B2", kind=ItemKind.MINUTES), B2=2)
    assert minutes.unused == {"B2"}


def test_a_new_item_was_asked_of_nobody_and_a_removed_one_is_not_used() -> None:
    renamed = with_item(BOOK, "B2", id="B9")
    retrial = again(renamed, B2=0)
    assert (retrial.unused, retrial.unasked) == (frozenset({"B2"}), frozenset({"B9"}))
    assert retrial.after == 10_000


def test_a_sheet_that_would_answer_too_little_would_not_count() -> None:
    strict = msgspec.structs.replace(BOOK.form("window"), minimum_answered_weight=95)
    book = msgspec.structs.replace(BOOK, forms=(strict, *BOOK.forms[1:]))
    assert again(book, B2=None).fault == "sheet.too_little"
    assert again(book, B2=None).after is None
    bare = msgspec.structs.replace(BOOK.form("window"), decisive=("E3",))
    book = msgspec.structs.replace(BOOK, forms=(bare, *BOOK.forms[1:]))
    assert again(book).fault == "sheet.no_decisive"


def test_a_higher_threshold_asks_for_reasons_that_nobody_gave() -> None:
    asks = msgspec.structs.replace(BOOK.form("window"), reason_at_or_below=2)
    book = msgspec.structs.replace(BOOK, forms=(asks, *BOOK.forms[1:]))
    assert again(book, B2=2, D1=2).reasons_missing == 2
    assert again(book, B2=1).reasons_missing == 0  # its reason was asked for then


def test_a_confirmed_grave_event_caps_by_the_new_measures() -> None:
    capped = msgspec.structs.replace(FORM, veto_cap_hundredths=3000)
    retrial = rules.retry(FORM, capped, answers(FORM), covert=False, revisit=False, confirmed=True)
    assert retrial.after == 3000


async def result(book: Rulebook) -> DryRunResult:
    """Try measures and return what was kept."""
    view = await dryrun.dry_run(people.coordinator, book, at=make.COMPUTED)
    assert view.result
    kept = await measures.dry_run(view.hash)
    assert kept == view
    return msgspec.json.decode(view.result, type=DryRunResult)


async def test_scores_and_places_before_are_those_of_the_means_beside_the_ranking(
    engine: db.Engine,
) -> None:
    city = await make.computed()
    found = await result((await measures.current()).rulebook)
    ranking = await ranked.ranking(city.round.code)
    listed = next(each for each in await ranked.lists(ranking.id) if each.kind is Kind.UNIT)
    assert {unit.unit: (unit.score_before, unit.place_before) for unit in found.units} == {
        row.code: (other.score, other.place)
        for row in listed.rows
        for other in row.others
        if other.method is Method.MEAN_OF_WINDOW_MEANS
    }
    assert (found.round, found.sheets, found.changed, found.invalid) == (
        city.round.code, 30, 0, 0,
    )  # fmt: skip
    assert all(unit.score_after == unit.score_before for unit in found.units)


async def test_the_trial_tells_what_would_have_changed(engine: db.Engine) -> None:
    await make.closed_round()
    book = (await measures.current()).rulebook
    found = await result(weighed(book, B2=5, D1=14))
    assert found.changed > 0
    assert any(unit.score_after != unit.score_before for unit in found.units)
    strict = msgspec.structs.replace(book.form("window"), minimum_answered_weight=100, decisive=())
    gone = await result(msgspec.structs.replace(book, forms=(strict, *book.forms[1:])))
    assert (gone.invalid, gone.faults) == (30, {"sheet.too_little": 30})
    assert {(unit.score_after, unit.place_after) for unit in gone.units} == {(None, None)}


async def test_another_form_for_a_group_is_tried_on_its_sheets(engine: db.Engine) -> None:
    await make.closed_round()
    book = (await measures.current()).rulebook
    other = apply(book, AddForm("other", Text("另一张表"), "window"))
    other = apply(other, Remove("other", "item", "B2"))
    groups = tuple(
        msgspec.structs.replace(group, form="other") if group.key == "service" else group
        for group in book.peer_groups
    )
    found = await result(apply(other, Groups(groups)))
    assert found.unused == ("window.B2",)
    dropped = tuple(group for group in groups if group.key != "service")
    assert (await result(apply(book, Groups(dropped)))).invalid == 0  # its old form is still there


async def test_few_visitors_are_not_told(engine: db.Engine) -> None:
    await make.closed_round()
    book = (await measures.current()).rulebook
    found = await result(apply(book, Numbers("publication", {"minimum_visitors": 99})))
    assert {unit.score_after for unit in found.units} == {None}
    assert None not in {unit.score_before for unit in found.units}


async def test_without_a_closed_round_the_trial_is_empty_but_kept(engine: db.Engine) -> None:
    assert await result(BOOK) == DryRunResult()


async def test_a_large_round_is_left_to_the_worker(
    engine: db.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.closed_round()
    monkeypatch.setattr(dryrun, "AT_ONCE", 10)
    book = (await measures.current()).rulebook
    view = await dryrun.dry_run(people.coordinator, book, at=make.COMPUTED)
    assert (view.result, view.done, view.total) == ("", 0, 30)
    (job,) = await JobRow.select(JobRow.kind).where(JobRow.kind == dryrun.JOB)
    assert job["kind"] == dryrun.JOB
    for _ in range(2):  # a job that comes twice changes nothing
        await dryrun.proceed(view.hash, at=make.COMPUTED)
    done = await measures.dry_run(view.hash)
    assert done is not None
    assert done.done == 30
    assert done.result


async def test_no_trial_tells_who_visited(engine: db.Engine) -> None:
    city = await make.closed_round()
    view = await dryrun.dry_run(
        people.coordinator, (await measures.current()).rulebook, at=make.COMPUTED
    )
    for code in city.members:
        link = visits.link(code, city.round.code)
        assert link not in view.result
        assert code not in view.result


async def test_only_coordinators_try_measures(engine: db.Engine) -> None:
    with pytest.raises(Forbidden, match=r"actor\.role"):
        await dryrun.dry_run(people.reviewer, BOOK, at=make.COMPUTED)
