"""Both languages are whole: every text, refusal and state, with Chinese punctuation in Chinese."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from panel.assessments.types.orders import (
    Event,
    ItemSource,
    ItemState,
    OrderKind,
    OrderState,
    Timing,
    Verdict,
)
from panel.evaluations.types import LeadState, PaperState, Share, SheetState
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.exposures import ExposureState, TransferState
from panel.evaluations.types.findings import EvidenceKind, FindingState, Outcome, Stance, Step
from panel.members.types import MemberState
from panel.notices.types import Channel, MessageKind, MessageState
from panel.roster.types import WindowState
from panel.visits.types import Errand, Mode, RoundKind, RoundState, SeedSource, TaskState
from web import i18n

ROOT = Path(__file__).parent.parent.parent
MARKS = re.compile(r"[\u4e00-\u9fff][,;:?!](?=[\u4e00-\u9fff\s]|$)")
SKIPPED = re.compile(r"\.$|~")


def used() -> dict[str, str]:
    """Return every literal text of templates and handlers with a place where it stands."""
    found: dict[str, str] = {}
    for name, line, message, *_ in extract_from_dir(
        ROOT / "templates",
        method_map=[("**.html", "jinja2")],
        options_map={"**.html": {"silent": "false"}},
    ):
        if isinstance(message, str):
            found[message] = f"templates/{name}:{line}"
    for path in (ROOT / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            literal = node.args[1] if name == "gettext" and len(node.args) > 1 else node.args[0]
            wanted = name in {"gettext", "say"} or (
                name == "text"
                and isinstance(called, ast.Attribute)
                and getattr(called.value, "id", "") == "request"
            )
            if wanted and isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                found[literal.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def refusals() -> dict[str, str]:
    """Return every code of a refusal or fault in the domain and the web."""
    kinds = {"Missing", "Forbidden", "Conflict", "Closed", "Invalid", "Fault"}
    found: dict[str, str] = {}
    for folder in ("panel", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name not in kinds:
                    continue
                place = 1 if name == "Fault" else 0
                if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    code = ast.literal_eval(node.args[place])
                    found[str(code)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_text_stands_in_both_languages() -> None:
    wanted = {**used(), **refusals()}
    assert len(wanted) > 200
    missing = sorted(
        f"{lang}: {text!r} ({place})"
        for text, place in wanted.items()
        for lang in ("zh", "en")
        if text not in i18n.catalogue(lang)
    )
    assert missing == []


def test_the_catalogues_know_the_same_texts_and_nothing_is_unsure() -> None:
    assert i18n.catalogue("zh").keys() == i18n.catalogue("en").keys()
    for path in (ROOT / "locale").rglob("*.po"):
        with path.open("rb") as file:
            unsure = [message.id for message in read_po(file) if message.fuzzy and message.id]
        assert unsure == [], path


def test_no_text_is_defined_twice_with_different_words() -> None:
    for locale in i18n.LOCALES.values():
        seen: dict[str, tuple[str, str]] = {}
        for path in sorted((ROOT / "locale" / locale / "LC_MESSAGES").glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file):
                    if not message.id or not isinstance(message.string, str):
                        continue
                    before = seen.setdefault(str(message.id), (message.string, path.name))
                    assert before[0] == message.string, f"{message.id}: {before[1]}, {path.name}"


def test_placeholders_are_the_same_in_both_languages() -> None:
    chinese, english = i18n.catalogue("zh"), i18n.catalogue("en")
    for text, words in chinese.items():
        names = [sorted(set(re.findall(r"\{(\w+)\}", each))) for each in (words, english[text])]
        assert names[0] == names[1], text


def test_chinese_texts_use_full_width_punctuation() -> None:
    wrong = [text for text in i18n.catalogue("zh").values() if MARKS.search(text)]
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "states"),
    [
        ("task.state", TaskState), ("round.state", RoundState), ("round.kind", RoundKind),
        ("round.source", SeedSource), ("visit.mode", Mode), ("visit.errand", Errand),
        ("sheet.state", SheetState), ("sheet.share", Share), ("paper.state", PaperState),
        ("lead.state", LeadState), ("finding.state", FindingState), ("finding.outcome", Outcome),
        ("step", Step), ("stance", Stance), ("evidence", EvidenceKind), ("clock", ClockKind),
        ("transfer.state", TransferState), ("exposure.state", ExposureState),
        ("message.kind", MessageKind), ("message.text", MessageKind),
        ("message.state", MessageState), ("channel", Channel), ("member.state", MemberState),
        ("roster.state", WindowState), ("order.kind", OrderKind), ("order.state", OrderState),
        ("order.item", ItemState), ("order.source", ItemSource), ("order.due", Timing),
        ("order.event", Event), ("order.verdict", Verdict),
    ],
)  # fmt: skip
def test_every_state_has_its_word(key: str, states: type[StrEnum]) -> None:
    wanted = {f"{key}.{state.value}" for state in states}
    for lang in ("zh", "en"):
        assert wanted <= i18n.catalogue(lang).keys()
