"""The default method: textbook answers, a city whose truth is known, proofs in whole numbers."""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import simulation
from panel.rankings.rules.ranking import (
    aggregate,
    chances,
    compute,
    crossed,
    figures,
    recompute,
    sets,
    simpler,
)
from panel.rankings.rules.ranking.certificate import verified
from panel.rankings.rules.ranking.chances import Beliefs, Normals, counted
from panel.rankings.rules.ranking.design import design, sums
from panel.rankings.rules.ranking.moments import variances
from panel.rankings.rules.ranking.reml import reml
from panel.rankings.rules.ranking.shrink import shrink
from panel.rankings.types import (
    Cell,
    Certainty,
    Computed,
    Entry,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Scope,
    Sheet,
    Subject,
)

DATA = Path(__file__).with_name("data")
NAMING = Naming(Scope.PEER_GROUP, minimum_visits=3, minimum_raters=2, list_size=3, share_percent=40)
OPTIONS = Options(seed="c0ffee", draws=400)


def penicillin() -> list[Cell]:
    """Return the assays as sheets of plates by samples, in hundredths."""
    with (DATA / "penicillin.csv").open() as file:
        rows = list(csv.DictReader(file))
    scores = [(row["plate"], row["sample"], 100 * int(row["diameter"])) for row in rows]
    return [Cell(plate, None, sample, 1, s, s * s, "assay:open") for plate, sample, s in scores]


def test_restricted_likelihood_agrees_with_the_textbook_to_four_digits() -> None:
    own = design(penicillin())
    found = reml(own, sums(own))
    assert round(found.unit / 100, 4) == 0.8467
    assert round(found.rater / 100, 4) == 1.9316
    assert round(found.residual / 100, 4) == 0.5499
    in_millimetres = found.criterion - 143 * 2 * np.log(100)
    assert in_millimetres == pytest.approx(330.860589, abs=1e-6)


def test_moments_agree_with_restricted_likelihood_where_data_are_balanced() -> None:
    own = design(penicillin())
    found, likely = variances(own, sums(own)), reml(own, sums(own))
    for name in ("residual", "unit", "rater"):
        assert float(getattr(found, name)) ** 0.5 == pytest.approx(getattr(likely, name), rel=1e-6)
    assert found.window == 0


def test_effects_of_the_textbook_come_out() -> None:
    fit = crossed.fit(penicillin())
    proof = crossed.certificate(fit)
    one = 100 * 10**proof.decimals
    expected = {
        "A": 2.187058, "B": -1.010476, "C": 1.937900, "D": -0.096895, "E": -0.013842, "F": -3.003745
    }  # fmt: skip
    # The ratios are rounded to three figures, which moves an effect by less than a thousandth.
    for sample, effect in expected.items():
        assert proof.raters[sample] / one == pytest.approx(effect, abs=1e-3)
    assert fit.types["assay"] / 100_000 == pytest.approx(22.9722222, abs=1e-5)


def test_the_factor_of_efron_and_morris_comes_out() -> None:
    with (DATA / "efron_morris.csv").open() as file:
        rows = list(csv.DictReader(file))
    early = [Fraction(row["y"]) for row in rows]
    early = [Fraction(round(45 * each), 45) for each in early]
    mean = sum(early, Fraction()) / 18
    found = shrink(early, [mean * (1 - mean) / 45] * 18)
    assert round(float(mean), 7) == 0.2654321
    assert round(float(found[0].factor), 5) == 0.21165
    later = [Fraction(row["p"]) for row in rows]
    raw = sum((a - b) ** 2 for a, b in zip(early, later, strict=True))
    shrunken = sum((a.mean - b) ** 2 for a, b in zip(found, later, strict=True))
    assert (round(float(raw), 4), round(float(shrunken), 4)) == (0.0753, 0.0213)


def town(units: int = 12, raters: int = 25, seed: int = 3) -> tuple[Cell, ...]:
    """Return a small city with severe and mild raters."""
    return simulation.city(seed, units, raters).cells


def listings(cells: Sequence[Cell]) -> list[Listing]:
    """List all units and windows of a city in one group."""
    units = sorted({cell.unit for cell in cells})
    windows = sorted({cell.window for cell in cells if cell.window is not None})
    return [
        Listing(kind, tuple(Subject(name, "g") for name in names), NAMING)
        for kind, names in ((Kind.UNIT, units), (Kind.WINDOW, windows))
    ]


def computed(cells: Sequence[Cell], options: Options = OPTIONS) -> Computed:
    """Compute the lists of all units and windows."""
    return compute(listings(cells), cells, options)


def entries(found: Computed, kind: Kind) -> dict[str, Entry]:
    """Return the lines of the only list of a kind."""
    (own,) = [each for each in found.lists if each.kind is kind]
    return {entry.key: entry for entry in own.entries}


@pytest.fixture(scope="module")
def small() -> Computed:
    """Compute a small city once."""
    return computed(town())


def test_severe_raters_no_longer_decide() -> None:
    # Two units of the same quality; one was seen by severe raters, who rate a third one as well.
    kind = "window:open"
    sheets = [
        Sheet(unit, unit + "w", f"{camp}{i}", quality - off + 40 * (i % 3) - 40, kind)
        for unit, quality, camps in (("A", 8000, "s"), ("B", 8000, "m"), ("C", 7000, "sm"))
        for camp in camps
        for off in ([900] if camp == "s" else [0])
        for i in range(12)
    ]
    found = entries(computed(aggregate(sheets)), Kind.UNIT)
    plain = {key: each.others[0].score or 0 for key, each in found.items()}
    assert plain["B"] - plain["A"] == 900
    assert abs((found["B"].score or 0) - (found["A"].score or 0)) < 250


def test_every_published_score_place_and_tie_can_be_recomputed_from_what_is_public(
    small: Computed,
) -> None:
    model = msgspec.json.decode(msgspec.json.encode(small.model), type=type(small.model))
    units = entries(small, Kind.UNIT)
    for entry in units.values():
        parts = [recompute.weigh(part, model) for part in entry.parts]
        whole = recompute.together(parts)
        value = recompute.unit_value(whole, entry.form, model)
        assert recompute.published(value, model) == entry.score
        for part, own in zip(entry.parts, parts, strict=True):
            window = entries(small, Kind.WINDOW)[part.key]
            value = recompute.window_value(own, whole, window.form, model)
            assert recompute.published(value, model) == window.score
            assert window.parts == (part,)
    for entry in units.values():
        assert entry.place == 1 + sum((e.score or 0) > (entry.score or 0) for e in units.values())


def test_windows_that_may_not_be_shown_can_stand_as_one_sum(small: Computed) -> None:
    entry = entries(small, Kind.UNIT)["u000"]
    parts = [recompute.weigh(part, small.model) for part in entry.parts]
    rest = recompute.together(parts[3:])
    whole = recompute.together([*parts[:3], rest])
    assert whole == recompute.together(parts)


def test_the_story_of_each_score_adds_up(small: Computed) -> None:
    for kind in Kind:
        for entry in entries(small, kind).values():
            assert [step.key for step in entry.story][:5] == [
                "mean", "windows", "types", "raters", "shrinkage",
            ]  # fmt: skip
            assert sum(step.points for step in entry.story) == entry.score


def test_chances_and_ranges_agree_with_each_other(small: Computed) -> None:
    for found in small.lists:
        ranked = [entry for entry in found.entries if entry.place is not None]
        # Each simulated city has as many names as the list; chances are cut to hundredths.
        for chance in ("chance_top", "chance_bottom"):
            total = sum(getattr(entry, chance) for entry in ranked)
            assert abs(total - 10_000 * found.bottom_size) <= len(ranked)
        assert found.expected_bottom is not None
        assert 0 <= found.expected_bottom <= 100 * sum(entry.in_bottom for entry in ranked)
        for entry in ranked:
            assert 1 <= (entry.rank_low or 0) <= (entry.rank_high or 0) <= found.ranked
            assert 1 <= (entry.set_low or 0) <= (entry.set_high or 0) <= found.ranked
            assert (entry.without_low or 0) <= (entry.place or 0) <= (entry.without_high or 0)
            named = entry.in_top or entry.in_bottom
            assert named or entry.certainty is not Certainty.CONFIRMED


def test_confirmed_names_are_those_with_the_wanted_chance(small: Computed) -> None:
    for entry in entries(small, Kind.UNIT).values():
        chance = (entry.chance_bottom if entry.in_bottom else entry.chance_top) or 0
        if entry.in_top or entry.in_bottom:
            assert (entry.certainty is Certainty.CONFIRMED) == (chance >= OPTIONS.confirmed)
        else:
            most = max(entry.chance_top or 0, entry.chance_bottom or 0)
            assert (entry.certainty is Certainty.PROVISIONAL) == (most >= OPTIONS.provisional)


def test_each_method_can_make_the_lists_and_the_others_stand_beside() -> None:
    cells = town(6, 15)
    by_method = {
        method: entries(computed(cells, Options(method, draws=100)), Kind.UNIT) for method in Method
    }
    for method, found in by_method.items():
        for key, entry in found.items():
            others = {each.method: (each.score, each.place) for each in entry.others}
            assert set(others) == set(Method) - {method}
            for other, (score, place) in others.items():
                beside = by_method[other][key]
                assert (score, place) == (beside.score, beside.place)
            assert entry.chance_top is not None


def test_without_one_rater_is_what_the_mean_without_that_rater_gives() -> None:
    cells = town(8, 12)
    options = Options(Method.MEAN_OF_WINDOW_MEANS, draws=100)
    found = entries(computed(cells, options), Kind.UNIT)
    seen: dict[str, list[int]] = {key: [] for key in found}
    for rater in {cell.rater for cell in cells}:
        fewer = [cell for cell in cells if cell.rater != rater]
        figured = simpler.found(Kind.UNIT, figures.tree(fewer), options.method, options)
        scores = {key: figure.score for key, figure in figured.items()}
        for key, places in seen.items():
            places.append(1 + sum(value > scores[key] for value in scores.values()))
    for key, places in seen.items():
        assert (found[key].without_low, found[key].without_high) == (min(places), max(places))


def test_without_one_rater_is_near_to_fitting_again() -> None:
    cells = town(8, 40, seed=5)
    fit = crossed.fit(cells)
    model = crossed.model(fit, OPTIONS)
    found = entries(computed(cells), Kind.UNIT)
    worst = 0
    for rater in sorted({cell.rater for cell in cells})[:6]:
        fewer = [cell for cell in cells if cell.rater != rater]
        again = crossed.fit(fewer)
        figured = crossed.listed(
            again, Kind.UNIT, crossed.windows(again, OPTIONS, model), crossed.model(again, OPTIONS)
        )
        for key, entry in found.items():
            place = 1 + sum(each.score > figured[key].score for each in figured.values())
            low, high = entry.without_low or 0, entry.without_high or 0
            worst = max(worst, low - place, place - high)
    assert worst <= 1


def test_the_certificate_holds_and_a_changed_digit_breaks_it(small: Computed) -> None:
    cells, proof = town(), small.certificate
    assert proof is not None
    assert verified(cells, small.model, proof)
    key = next(iter(proof.raters))
    for wrong in (
        msgspec.structs.replace(proof, raters={**proof.raters, key: proof.raters[key] + 10**12}),
        msgspec.structs.replace(proof, raters={k: v for k, v in proof.raters.items() if k != key}),
        msgspec.structs.replace(proof, bound=1),
    ):
        assert not verified(cells, small.model, wrong)
    assert not verified(
        cells, msgspec.structs.replace(small.model, unit_ratio=(small.model.unit_ratio or 0) + 10),
        proof,
    )  # fmt: skip
    assert not verified(cells[1:], small.model, proof)


def test_the_certificate_bounds_the_true_error() -> None:
    # The system is small enough here to be solved exactly, in fractions.
    cells = [cell for cell in town(2, 4, seed=9) if (cell.window or "") < "w0006"]
    fit = crossed.fit(cells)
    proof, ratios = crossed.certificate(fit), fit.system.ratios
    names = [
        *(("type", name) for name in proof.types), *(("unit", name) for name in proof.units),
        *(("window", name) for name in proof.windows), *(("rater", n) for n in proof.raters),
    ]  # fmt: skip
    at = {name: i for i, name in enumerate(names)}
    matrix = [[Fraction()] * (len(names) + 1) for _ in names]
    for (factor, _), i in at.items():
        if factor != "type":
            matrix[i][i] += Fraction(getattr(ratios, factor), 1000)
    for cell in cells:
        own = [at["type", cell.type], at["unit", cell.unit], at["rater", cell.rater]]
        own.append(at["window", cell.window or cell.unit])
        for i in own:
            matrix[i][-1] += cell.total
            for j in own:
                matrix[i][j] += cell.n
    for k in range(len(names)):
        pivot = matrix[k][k]
        matrix[k] = [value / pivot for value in matrix[k]]
        for i in range(len(names)):
            if i != k and matrix[i][k]:
                factor_ = matrix[i][k]
                matrix[i] = [a - factor_ * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    tables = {
        "type": proof.types, "unit": proof.units, "window": proof.windows, "rater": proof.raters,
    }  # fmt: skip
    for (factor, name), i in at.items():
        off = abs(tables[factor][name] - matrix[i][-1] * 10**proof.decimals)
        assert off <= proof.bound


sheets = st.lists(
    st.builds(
        Sheet,
        unit=st.sampled_from("ABCD"),
        window=st.sampled_from(["1", "2", None]),
        rater=st.sampled_from(["r1", "r2", "r3", "r4", "r5"]),
        score=st.integers(0, 10_000),
        type=st.sampled_from(["window:open", "window:covert"]),
    ).map(
        lambda each: msgspec.structs.replace(each, window=each.window and each.unit + each.window)
    ),
    min_size=1,
    max_size=40,
)
SMALL = Options(seed="5eed", draws=40)


@settings(max_examples=8, deadline=None)
@given(sheets, st.data())
def test_order_and_labels_change_nothing(rows: list[Sheet], data: st.DataObject) -> None:
    cells = aggregate(rows)
    found = computed(cells, SMALL)
    labels = dict(
        zip(["r1", "r2", "r3", "r4", "r5"],
            data.draw(st.permutations(["x", "y", "z", "v", "w"])), strict=True)
    )  # fmt: skip
    mixed = [
        msgspec.structs.replace(cell, rater=labels[cell.rater])
        for cell in data.draw(st.permutations(cells))
    ]
    other = [
        msgspec.structs.replace(each, subjects=tuple(data.draw(st.permutations(each.subjects))))
        for each in listings(cells)
    ]
    again = compute(other, mixed, SMALL)
    assert again.lists == found.lists
    assert (again.model, again.input_hash) == (found.model, found.input_hash)
    assert again.certificate is not None
    assert verified(mixed, again.model, again.certificate)


@settings(max_examples=12, deadline=None)
@given(sheets)
def test_published_figures_are_certain_whatever_was_seen(rows: list[Sheet]) -> None:
    cells = aggregate(rows)
    found = computed(cells, SMALL)
    assert found.certificate is not None
    assert verified(cells, found.model, found.certificate)
    for each in found.lists:
        for entry in each.entries:
            assert sum(step.points for step in entry.story) == (entry.score or 0)


def test_one_more_sheet_and_its_withdrawal_restore_everything() -> None:
    cells = town()
    before = crossed.fit(cells)
    sheet = Cell("u003", "w0031", cells[0].rater, 1, 9100, 9100**2, "window:open")
    more = crossed.refit(before, sheet, 1)
    assert more.adjusted != before.adjusted
    back = crossed.refit(more, sheet, -1)
    assert (back.adjusted, back.types) == (before.adjusted, before.types)
    assert (back.system.ratios, back.variances) == (before.system.ratios, before.variances)
    fresh = crossed.fit([*cells, sheet])
    assert (more.adjusted, more.types) == (fresh.adjusted, fresh.types)


def test_a_sheet_that_is_not_there_cannot_be_withdrawn() -> None:
    cells = town(2, 5)
    cell = msgspec.structs.replace(cells[0], n=cells[0].n + 1)
    with pytest.raises(ValueError, match="no such sheet"):
        crossed.refit(crossed.fit(cells), cell, -1)


_SAID = """
import json
from tests.panel.rankings.test_rules_crossed import computed, town
import msgspec
print(msgspec.json.encode(computed(town(20, 60))).decode())
"""


def test_lists_are_bit_equal_whatever_the_number_of_threads() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", _SAID],
            env={"OPENBLAS_NUM_THREADS": threads, "PATH": ""},
            capture_output=True, check=True, cwd=Path(__file__).parents[3],
        ).stdout
        for threads in ("1", "2")
    ]  # fmt: skip
    assert said[0] == said[1]
    assert len(json.loads(said[0])["lists"]) == 2


def test_the_table_of_normals_is_normal_and_far_from_every_half() -> None:
    table = chances.table()
    assert (table == -table[::-1]).all()
    assert abs(table.std() / 1024 - 1) < 1e-3
    exact = np.array([1024 * NormalDist().inv_cdf((i + 0.5) / 65536) for i in range(32768)])
    assert np.abs(np.abs(exact - np.floor(exact)) - 0.5).min() > 1e-7


def test_chances_are_counted_as_theory_has_them() -> None:
    # Two subjects one standard deviation of their difference apart: 84.1 % keep their order.
    beliefs = Beliefs(np.array([0.0, 2000.0]), np.zeros((2, 0)), np.full(2, round(2000 / 2**0.5)))
    found = counted(beliefs, 1, Normals("1", "test"), 40_000)
    assert found.top[1] / 40_000 == pytest.approx(0.8413, abs=0.006)
    assert found.top.sum() == found.bottom.sum() == 40_000
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1], [2, 2])


def test_what_is_shared_moves_places_together() -> None:
    beliefs = Beliefs(np.array([0.0, 100.0]), np.full((2, 1), 5000.0), np.ones(2))
    found = counted(beliefs, 1, Normals("1", "test"), 500)
    assert found.top.tolist() == [0, 500]


def test_the_factor_of_a_covariance_squares_back() -> None:
    rows = np.random.default_rng(1).normal(0, 300, (8, 8))
    covariance = rows @ rows.T
    lower = chances.factor(covariance)
    assert np.abs(lower @ lower.T - covariance).max() / covariance.max() < 0.01


def test_simultaneous_sets_name_only_what_is_sure() -> None:
    found = sets.sets([0, 10, 5000], np.full(3, 100.0), Normals("1", "sets"), 10_000)
    assert (found.low.tolist(), found.high.tolist()) == ([2, 2, 1], [3, 3, 1])
    # The range of three standard normals over √2: its 95 % point is 3.314 / √2 = 2.344.
    assert found.critical == pytest.approx(234, abs=6)


def test_the_short_way_to_the_critical_value_finds_the_largest_pair() -> None:
    deviations = np.rint(np.random.default_rng(2).lognormal(5, 1, 60))
    z = Normals("2", "pairs").read(50, 60)
    errors = z * deviations
    width = np.sqrt(deviations[:, None] ** 2 + deviations[None, :] ** 2)
    exact = [float(((row[:, None] - row[None, :]) / width).max()) for row in errors]
    assert sets._largest(z, deviations) == pytest.approx(exact)


def test_a_small_city_is_judged_better_than_by_plain_means() -> None:
    # The whole simulation is `make simulate`; here three cities show the direction.
    found = [simulation.judged(simulation.city(seed, 100, 300), 500) for seed in range(3)]
    assert sum(each.model for each in found) < sum(each.pooled for each in found)
    assert sum(each.model for each in found) <= sum(each.windows for each in found)
    assert 0.9 <= sum(each.scores for each in found) / 3 <= 0.99
    assert 0.9 <= sum(each.ranks for each in found) / 3 <= 0.99
    assert all(each.sets for each in found)


def test_lists_survive_storage(small: Computed) -> None:
    lists = msgspec.json.decode(msgspec.json.encode(small.lists), type=tuple[RankList, ...])
    assert lists == small.lists
