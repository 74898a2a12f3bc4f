"""Reading a rulebook from TOML, finding all of its faults by path, hashing it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from panel.chance import canonical
from panel.errors import Conflict, Fault, Invalid
from panel.rulebook.types import (
    Case,
    Course,
    Form,
    Item,
    ItemKind,
    Question,
    Rulebook,
    RulebookState,
    Text,
    Unit,
)

_WHOLE: Final = 100
_SCALE_VALUES: Final = {
    ItemKind.FACT: {0, 2, 4},
    ItemKind.SCALE: {0, 1, 2, 3, 4},
    ItemKind.MINUTES: {0, 1, 2, 3, 4},
}
DEADLINES: Final = (
    "answer_to_offer",
    "sheet_after_visit",
    "revision",
    "review",
    "unit_answer",
    "public_notice",
    "rectification_plan",
)
"""The limits that the service asks for by name."""
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_LINK: Final = re.compile(r"https://[^\s\"<>\\]{1,400}|/[a-z][a-z/-]{0,80}")
METHODS: Final = ("mean_of_window_means",)


def read(toml: str) -> Rulebook:
    """Turn TOML text into a checked rulebook; refuse it with every fault named by its path."""
    try:
        tree = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise Invalid(
            "rulebook.faults", Fault("", "rulebook.no_toml", {"detail": str(fault)})
        ) from fault
    faults: list[Fault] = []
    rulebook = _convert(tree, faults)
    if rulebook is not None:
        faults.extend(check(rulebook))
    if rulebook is None or faults:
        raise Invalid("rulebook.faults", *faults)
    return rulebook


def _convert(tree: dict[str, Any], faults: list[Fault]) -> Rulebook | None:
    """Convert the tree; unknown names, missing fields and wrong types become faults."""
    faults.extend(
        Fault(path, "rulebook.unknown_name") for path in _unknown(tree, Rulebook, path="")
    )
    try:
        return msgspec.convert(tree, Rulebook)
    except msgspec.ValidationError as fault:
        text, _, path = str(fault).partition(" - at `$")
        where = path.rstrip("`").lstrip(".")
        faults.append(Fault(where, "rulebook.unreadable", {"detail": text}))
        return None


def _unknown(value: Any, kind: Any, *, path: str) -> Iterator[str]:
    """Yield the paths of keys that the rulebook does not know (misspelt names)."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            if key not in fields:
                yield here
            else:
                yield from _unknown(inner, fields[key], path=here)
    elif isinstance(value, list) and getattr(kind, "__args__", None):
        for place, inner in enumerate(value):
            yield from _unknown(inner, kind.__args__[0], path=f"{path}[{place}]")


def check(rulebook: Rulebook) -> list[Fault]:
    """Return every fault of a complete rulebook, in the order of the text."""
    faults: list[Fault] = [
        Fault(path, "rulebook.key_form", {"id": key[:40]})
        for path, key in _keys(rulebook, "")
        if not _KEY.fullmatch(key)
    ]
    for place, form in enumerate(rulebook.forms):
        faults.extend(_check_form(form, f"forms[{place}]"))
    faults.extend(_repeated("forms", [form.key for form in rulebook.forms]))
    faults.extend(_check_groups(rulebook))
    faults.extend(_check_recruitment(rulebook))
    faults.extend(_check_ranking(rulebook))
    faults.extend(_check_deadlines(rulebook))
    faults.extend(_check_training(rulebook))
    faults.extend(
        Fault(path, "rulebook.no_chinese") for path, text in _texts(rulebook, "") if not text.zh
    )
    return faults


def _check_form(form: Form, path: str) -> Iterator[Fault]:
    """Check weights, anchors and the decisive items of one form."""
    total = sum(item.weight for item in form.items)
    if total != _WHOLE:
        yield Fault(f"{path}.sections", "rulebook.weights", {"total": total})
    yield from _repeated(f"{path}.sections", [item.id for item in form.items])
    for item_path, item in _items(form, path):
        if item.weight < 1:
            yield Fault(f"{item_path}.weight", "rulebook.weight_range", {"id": item.id})
        if {anchor.value for anchor in item.anchors} != _SCALE_VALUES[item.kind]:
            yield Fault(f"{item_path}.anchors", "rulebook.anchors", {"id": item.id})
    known = {item.id for item in form.items}
    for key in form.decisive:
        if key not in known:
            yield Fault(f"{path}.decisive", "rulebook.unknown_item", {"id": key})
    if not 0 < form.minimum_answered_weight <= _WHOLE:
        yield Fault(f"{path}.minimum_answered_weight", "rulebook.percent")


def _items(form: Form, path: str) -> Iterator[tuple[str, Item]]:
    """Yield each item with its path."""
    for place, section in enumerate(form.sections):
        for position, item in enumerate(section.items):
            yield f"{path}.sections[{place}].items[{position}]", item


def _check_groups(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that peer groups name existing forms and bands start at zero."""
    forms = {form.key for form in rulebook.forms}
    yield from _repeated("peer_groups", [group.key for group in rulebook.peer_groups])
    for place, group in enumerate(rulebook.peer_groups):
        if group.form not in forms:
            yield Fault(f"peer_groups[{place}].form", "rulebook.unknown_form", {"id": group.form})
    limits = [band.from_hundredths for band in rulebook.bands]
    if not limits or min(limits) != 0 or len(set(limits)) != len(limits):
        yield Fault("bands", "rulebook.bands")


def _check_recruitment(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that quotas are ranges of percents that leave room for a panel."""
    quotas = rulebook.recruitment.quotas
    for place, quota in enumerate(quotas):
        if not 0 <= quota.minimum_percent <= quota.maximum_percent <= _WHOLE:
            yield Fault(f"recruitment.quotas[{place}]", "rulebook.quota_range")
    for feature in sorted({quota.feature for quota in quotas}):
        own = [quota for quota in quotas if quota.feature == feature]
        if sum(quota.minimum_percent for quota in own) > _WHOLE:
            yield Fault("recruitment.quotas", "rulebook.quota_minimums", {"feature": feature})
        if sum(quota.maximum_percent for quota in own) < _WHOLE:
            yield Fault("recruitment.quotas", "rulebook.quota_maximums", {"feature": feature})
    for place, group in enumerate(rulebook.recruitment.groups):
        if not 0 <= group.minimum_percent <= _WHOLE:
            yield Fault(f"recruitment.groups[{place}].minimum_percent", "rulebook.percent")
    exclusions = rulebook.recruitment.exclusions
    yield from _repeated("recruitment.exclusions", [check.key for check in exclusions])


def _check_ranking(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that the method is known, shares are percents and marks sum to 100."""
    ranking = rulebook.ranking
    if ranking.method not in METHODS:
        yield Fault("ranking.method", "rulebook.unknown_method", {"id": ranking.method})
    if not 0 < ranking.bottom_share_percent <= _WHOLE:
        yield Fault("ranking.bottom_share_percent", "rulebook.percent")
    weights = rulebook.assessment.weights
    total = sum(getattr(weights, name) for name in weights.__struct_fields__)
    if total != _WHOLE:
        yield Fault("assessment.weights", "rulebook.weights", {"total": total})


def _check_deadlines(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that every limit the service asks for is there, once and positive."""
    found = [deadline.key for deadline in rulebook.deadlines]
    yield from _repeated("deadlines", found)
    for key in DEADLINES:
        if key not in found:
            yield Fault("deadlines", "rulebook.no_deadline", {"id": key})
    for place, deadline in enumerate(rulebook.deadlines):
        if deadline.amount < 1:
            yield Fault(f"deadlines[{place}].amount", "rulebook.positive")


def _check_training(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that the code of conduct has a number and every course leads to a certificate."""
    if not _VERSION.fullmatch(rulebook.conduct.version):
        yield Fault("conduct.version", "rulebook.key_form", {"id": rulebook.conduct.version[:40]})
    training = rulebook.training
    if not 0 < training.pass_percent <= _WHOLE:
        yield Fault("training.pass_percent", "rulebook.percent")
    for name in ("attempts", "valid_months"):
        if getattr(training, name) < 1:
            yield Fault(f"training.{name}", "rulebook.positive")
    yield from _repeated("training.courses", [course.form for course in training.courses])
    yield from _check_lessons(training.units, training.questions, "training")
    forms = {form.key: form for form in rulebook.forms}
    for place, own in enumerate(training.courses):
        path = f"training.courses[{place}]"
        yield from _check_lessons(own.units, own.questions, path)
        course, form = training.course(own.form), forms.get(own.form)
        if form is None or course is None:
            yield Fault(f"{path}.form", "rulebook.unknown_form", {"id": own.form})
            continue
        yield from _check_course(course, path)
        for number, case in enumerate(own.cases):
            yield from _check_case(case, form, f"{path}.cases[{number}]")


def _check_lessons(
    units: tuple[Unit, ...], questions: tuple[Question, ...], path: str
) -> Iterator[Fault]:
    """Check that links lead somewhere and every question has a right answer among its options."""
    for place, unit in enumerate(units):
        if unit.link and not _LINK.fullmatch(unit.link):
            yield Fault(f"{path}.units[{place}].link", "rulebook.link")
    for place, question in enumerate(questions):
        right = set(question.right)
        known = set(range(len(question.options)))
        # Some option is right and some is wrong; none is named twice.
        if not (right and right < known and len(right) == len(question.right)):
            yield Fault(f"{path}.questions[{place}].right", "rulebook.question")


def _check_course(course: Course, path: str) -> Iterator[Fault]:
    """Check a whole course, what it shares with the others included."""
    yield from _repeated(f"{path}.units", [unit.key for unit in course.units])
    yield from _repeated(f"{path}.questions", [question.key for question in course.questions])
    yield from _repeated(f"{path}.cases", [case.key for case in course.cases])
    for name in ("units", "questions"):
        if not getattr(course, name):
            yield Fault(f"{path}.{name}", "rulebook.course_empty")


def _check_case(case: Case, form: Form, path: str) -> Iterator[Fault]:
    """Check that a training sheet answers every item of its form with a value that it has."""
    asked = {item.id: item for item in form.items if not item.revisit_only}
    yield from _repeated(f"{path}.answers", [answer.item for answer in case.answers])
    given = {answer.item for answer in case.answers}
    for key in asked:
        if key not in given:
            yield Fault(f"{path}.answers", "rulebook.case_item", {"id": key})
    for place, answer in enumerate(case.answers):
        item = asked.get(answer.item)
        if item is None:
            yield Fault(f"{path}.answers[{place}].item", "rulebook.unknown_item",
                        {"id": answer.item})  # fmt: skip
        elif answer.value is not None and answer.value not in _SCALE_VALUES[item.kind]:
            yield Fault(f"{path}.answers[{place}].value", "rulebook.case_value",
                        {"id": answer.item})  # fmt: skip


def _repeated(path: str, keys: list[str]) -> Iterator[Fault]:
    """Yield a fault for each key that stands more than once."""
    for key, times in Counter(keys).items():
        if times > 1:
            yield Fault(path, "rulebook.repeated", {"id": key})


def _texts(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    """Yield every text of the tree that must be Chinese; proofs may stay empty."""
    if isinstance(value, Text):
        if not path.endswith(".proof"):
            yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{place}]")


def _keys(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every key and id: they name fields, addresses and files of a publication."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            inner, here = getattr(value, name), f"{path}.{name}" if path else name
            if name in {"key", "id"} and isinstance(inner, str):
                yield here, inner
            else:
                yield from _keys(inner, here)
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _keys(inner, f"{path}[{place}]")


def content(rulebook: Rulebook) -> str:
    """Return the canonical JSON of a rulebook: what is stored, hashed and published."""
    return canonical(msgspec.to_builtins(rulebook)).decode()


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a rulebook's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def may_approve(state: RulebookState) -> None:
    """Refuse to approve what is frozen already."""
    if state is not RulebookState.PROPOSED:
        raise Conflict("rulebook.frozen")
