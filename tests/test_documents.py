"""What the documents say is there: links, files, tests, settings, libraries."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from panel.settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMED = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
TOLD = "test_a_late_answer_is_refused"  # CONTRIBUTING's example of a name
FOLDERS = "benchmarks|docs|locale|migrations|panel|scripts|templates|tests|web"


def test_there_are_documents() -> None:
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    text = path.read_text("utf-8")
    links = [*re.findall(r"\]\(([^)#]+)\)", text), *re.findall(r'src="([^"]+)"', text)]
    dead = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert dead == []


@pytest.mark.parametrize("name", NAMED)
def test_named_files_and_tests_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    files = re.findall(rf"`((?:{FOLDERS})/[\w/.-]+)`", text)
    assert [each for each in files if not (ROOT / each).exists()] == []
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tests = re.findall(r"`(test_\w+)`", text)
    assert [each for each in tests if f"def {each}(" not in written and each != TOLD] == []


def test_every_decision_stands_in_the_list_and_names_what_enforces_it() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text("utf-8")
    records = sorted(folder.glob("0*.md"))
    assert records
    for path in records:
        assert f"({path.name})" in listed, path.name
        assert "**Enforced by.**" in path.read_text("utf-8"), path.name


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (ROOT / "docs" / "decisions" / "0002-libraries.md").read_text("utf-8")
    names = {re.split(r"[\[=<>; ]", each)[0] for each in project["dependencies"]}
    assert {name for name in names if name not in reasons} == set()


def test_every_setting_is_told() -> None:
    guide = (ROOT / "docs" / "en" / "operator.md").read_text("utf-8")
    names = {f"PANEL_{name.upper()}" for name in Settings.__struct_fields__}
    told = set(re.findall(r"PANEL_[A-Z_]+[A-Z]", guide))
    assert names == told


def test_every_chinese_guide_has_its_english_one() -> None:
    chinese, english = (
        {path.name for path in (ROOT / "docs" / lang).glob("*.md")} for lang in ("zh", "en")
    )
    assert chinese == english
