"""The assignment of members to places: a fair load, no repeats, a share from far away.

A flow of least cost (methods.md 6). Candidates are sampled afresh from the committed seed each
time, so that nobody can tell who comes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from panel import chance
from panel.visits.rules.candidates import FULL, HOME, RECUSED, ROTATION, excluded, survey
from panel.visits.rules.flow import Problem, installed, named, search, solver_for
from panel.visits.types.assignment import (
    Assigned,
    AssignmentRecord,
    AssignmentRules,
    Explained,
    Target,
    Underused,
    Unmet,
    Visitor,
)

_VERSION: Final = 1
_METHOD: Final = "least cost flow over sampled candidates"


def assign(
    visitors: Sequence[Visitor],
    targets: Sequence[Target],
    rules: AssignmentRules,
    seed: str,
    *,
    solver: str = "",
) -> AssignmentRecord:
    """Send members to places; what cannot be met is told with its reason, nobody is overloaded.

    The solver is chosen by size and by what is installed, unless one is named.
    """
    visitors = sorted(visitors, key=lambda each: each.member)
    targets = sorted(targets, key=lambda each: each.key)
    if len({each.member for each in visitors}) != len(visitors):
        message = "a member stands twice"
        raise ValueError(message)
    if len({each.key for each in targets}) != len(targets):
        message = "a target stands twice"
        raise ValueError(message)
    solver = solver or solver_for(targets)
    problem = Problem(visitors, targets, rules, seed, survey(visitors, targets, rules), solver)
    candidates, taken = search(problem)
    sent: dict[int, list[int]] = {number: [] for number in range(len(targets))}
    for arc in sorted(taken):
        sent[arc.target].append(arc.member)
    record = AssignmentRecord(
        version=_VERSION,
        method=_METHOD,
        library=named(solver),
        seed=seed,
        input_hash=input_hash(visitors, targets),
        rules=rules,
        assigned=tuple(
            Assigned(
                target.key,
                visitors[member].member,
                "far" if problem.field.far[member, number] else "near",
            )
            for number, target in enumerate(targets)
            for member in sent[number]
        ),
        explained=tuple(
            _explain(problem, number, candidates[number], sent[number])
            for number in range(len(targets))
        ),
        unmet=tuple(
            _unmet(problem, number, target.demand - len(sent[number]))
            for number, target in enumerate(targets)
            if len(sent[number]) < target.demand
        ),
        underused=_underused(problem, Counter(arc.member for arc in taken)),
        far=sum(bool(problem.field.far[arc]) for arc in taken),
        wanted=sum(target.demand for target in targets),
    )
    if faults := check(record, visitors, targets):  # whole numbers have the last word
        message = f"the assignment breaks its own rules: {', '.join(faults)}"
        raise AssertionError(message)
    return record


def input_hash(visitors: Sequence[Visitor], targets: Sequence[Target]) -> str:
    """Return the hash that commits to members, targets and exclusions before the seed exists."""
    return chance.digest(
        {
            "visitors": [
                msgspec.to_builtins(each, order="deterministic")
                for each in sorted(visitors, key=lambda each: each.member)
            ],
            "targets": [
                msgspec.to_builtins(each) for each in sorted(targets, key=lambda each: each.key)
            ],
        }
    )


def check(
    record: AssignmentRecord, visitors: Sequence[Visitor], targets: Sequence[Target]
) -> tuple[str, ...]:
    """Name the rules that an assignment breaks, by counting alone; empty if none."""
    people = {each.member: each for each in visitors}
    places = {each.key: each for each in targets}
    if any(a.member not in people or a.target not in places for a in record.assigned):
        return ("unknown",)
    faults = set()
    if record.input_hash != input_hash(visitors, targets):
        faults.add("input")
    for each in record.assigned:
        visitor, target = people[each.member], places[each.target]
        if target.unit in visitor.recused:
            faults.add("recused")
        if target.unit in visitor.home:
            faults.add("home")
        if {target.key, target.unit} & visitor.visited:
            faults.add("rotation")
    if record.far != sum(each.band == "far" for each in record.assigned):
        faults.add("far")
    return tuple(sorted(faults | _miscounts(record, people, places)))


def _miscounts(
    record: AssignmentRecord, people: Mapping[str, Visitor], places: Mapping[str, Target]
) -> set[str]:
    faults = set()
    pairs = Counter((each.member, each.target) for each in record.assigned)
    units = Counter((each.member, places[each.target].unit) for each in record.assigned)
    given = Counter(each.member for each in record.assigned)
    met = Counter(each.target for each in record.assigned)
    met.update({each.target: each.missing for each in record.unmet})
    if any(times > 1 for times in pairs.values()):
        faults.add("repeat")
    if any(times > record.rules.per_unit for times in units.values()):
        faults.add("unit")
    if any(people[member].load + times > people[member].cap for member, times in given.items()):
        faults.add("load")
    if any(met[key] != place.demand for key, place in places.items()):
        faults.add("demand")
    return faults


def verify(
    record: AssignmentRecord, visitors: Sequence[Visitor], targets: Sequence[Target]
) -> tuple[str, ...]:
    """Check an assignment by counting, then make it again from its seed; empty if all agrees.

    "library" says that another solver, or another version of it, may have chosen otherwise.
    """
    faults = check(record, visitors, targets)
    if faults:
        return faults
    solver = record.library.partition(" ")[0]
    if not installed(solver):
        return ("library",)
    again = assign(visitors, targets, record.rules, record.seed, solver=solver)
    if (again.assigned, again.explained) != (record.assigned, record.explained):
        return ("assignment",) if again.library == record.library else ("library",)
    return ()


def substitutes(target: str, members: Sequence[str], seed: str) -> list[str]:
    """Return members in the order in which they step in at a target.

    Whoever leaves the list changes nobody else's place in it.
    """
    return chance.order(f"{seed} substitutes {target}", members)


def _explain(
    problem: Problem, number: int, candidates: Sequence[int], sent: Sequence[int]
) -> Explained:
    target = problem.targets[number]
    waiting = [problem.visitors[each].member for each in candidates if each not in sent]
    return Explained(
        target=target.key,
        recused=excluded(problem.field, number, RECUSED),
        rotation=excluded(problem.field, number, ROTATION),
        full=excluded(problem.field, number, FULL),
        home=excluded(problem.field, number, HOME),
        eligible=int(problem.field.eligible[:, number].sum()),
        candidates=len(candidates),
        far_candidates=sum(bool(problem.field.far[each, number]) for each in candidates),
        substitutes=tuple(
            substitutes(target.key, waiting, problem.seed)[: problem.rules.substitutes]
        ),
    )


def _unmet(problem: Problem, number: int, missing: int) -> Unmet:
    target = problem.targets[number]
    few = problem.field.eligible[:, number].sum() < target.demand
    return Unmet(target.key, missing, "too_few_eligible" if few else "no_capacity")


def _underused(problem: Problem, given: Mapping[int, int]) -> tuple[Underused, ...]:
    wanted = np.array([target.demand > 0 for target in problem.targets], dtype=np.bool_)
    found = []
    for number, visitor in enumerate(problem.visitors):
        load = visitor.load + given.get(number, 0)
        if load >= problem.rules.least:
            continue
        if visitor.cap <= load:
            found.append(Underused(visitor.member, load, "at_cap"))
        elif not (problem.field.eligible[number] & wanted).any():
            found.append(Underused(visitor.member, load, "excluded_everywhere"))
        else:
            found.append(Underused(visitor.member, load, "no_demand"))
    return tuple(found)
