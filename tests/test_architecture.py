"""The shape of the house, checked: see docs/decisions/0001-architecture.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
HEAVY = (
    "PIL", "docx", "highspy", "lxml", "numpy", "ortools", "python_calamine", "scipy", "xlsxwriter",
    "zxingcpp",
)  # fmt: skip
"""Large libraries that few processes need."""
WRITES_WITHOUT_ENTRY = {
    # Sessions, limits, leases, drafts and the chain itself are no commands of the city.
    "panel/audit/commands.py",
    "panel/queue/commands.py",
}


def context_of(module: str) -> str:
    """Return the context that a module of the domain lies in."""
    return ".".join(module.split(".")[:2])


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Return who imports whom."""
    return grimp.build_graph("panel", "web", include_external_packages=True)


def test_the_contracts_of_imports_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout


def test_tables_are_imported_by_their_own_context_only(graph: grimp.ImportGraph) -> None:
    wrong = []
    for module in sorted(graph.modules):
        parts = module.split(".")
        if parts[0] != "panel" or parts[2:3] != ["tables"]:
            continue
        for importer in graph.find_modules_that_directly_import(module):
            own = context_of(importer) == context_of(module)
            if not own and "tables" not in importer.split(".") and importer != "panel.piccolo_app":
                wrong.append(f"{importer} -> {module}")
    assert wrong == []


@pytest.mark.parametrize(
    "forbidden", ["piccolo", "litestar", "minijinja", "starlette", "httpx", "asyncio", "os"]
)
def test_decisions_reach_neither_web_nor_database(graph: grimp.ImportGraph, forbidden: str) -> None:
    pure = [
        module
        for module in graph.modules
        if module.startswith("panel.")
        and {"rules", "types"} & set(module.split("."))
        and not module.startswith("panel.db")
    ]
    assert len(pure) > 10
    if forbidden not in graph.modules:
        return
    reaching = [m for m in pure if graph.chain_exists(m, forbidden)]
    assert reaching == []


def test_the_domain_knows_no_web(graph: grimp.ImportGraph) -> None:
    for package in ("litestar", "minijinja", "httpx", "web"):
        if package in graph.modules:
            importers = graph.find_modules_that_directly_import(package)
            assert [name for name in importers if name.startswith("panel.")] == []


def sources(folder: str) -> Iterator[Path]:
    """Yield our source files below a folder."""
    yield from sorted((ROOT / folder).rglob("*.py"))


def test_the_clock_is_read_in_one_place() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("panel", "web")
        for path in sources(folder)
        if "datetime.now(" in path.read_text("utf-8") or "time.time(" in path.read_text("utf-8")
    ]
    assert readers == ["panel/clock.py"]


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("panel", "web")
        for path in sources(folder)
        if re.search(r"\bos\.environ|\bgetenv", path.read_text("utf-8"))
    }
    # Two libraries take a wish through a variable: Piccolo where its configuration is, pypinyin to
    # leave its phrases out. Both are set, nobody reads them.
    assert readers <= {"panel/settings.py", "panel/db/migrations.py", "web/pinyin.py"}


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for folder in ("panel", "web")
        for path in sources(folder)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_handlers_write_no_sql_and_open_no_transaction() -> None:
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "db.transaction(", ".raw(")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in sources("web")
        for word in words
        if word in path.read_text("utf-8")
    ]
    assert found == []


def test_a_service_at_rest_holds_no_large_library() -> None:
    program = f"import sys, web.app, web.jobs; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
