"""All tables of all contexts as one Piccolo app, so that one folder of migrations covers them."""

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from piccolo.table import Table

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"

# Grows with the contexts; one that is not built yet is passed over.
CONTEXTS = (
    "audit",
    "queue",
    "rulebook",
    "vault",
    "accounts",
    "notices",
    "roster",
    "members",
    "complaints",
    "visits",
    "evaluations",
    "rankings",
    "surveys",
    "assessments",
    "recruitment",
    "reports",
    "demo",
)


def _modules() -> Iterator[ModuleType]:
    for name in CONTEXTS:
        if find_spec(f"panel.{name}") is None or find_spec(f"panel.{name}.tables") is None:
            continue
        try:
            yield import_module(f"panel.{name}.tables")
        except ModuleNotFoundError as error:
            # Standing on a context that is not built yet, it is not built yet either.
            if (error.name or "") not in {
                f"panel.{other}{end}" for other in CONTEXTS for end in ("", ".tables")
            }:
                raise


def our_tables() -> list[type[Table]]:
    """Return every table class of ours, each once, in the order of the contexts."""
    found: dict[type[Table], None] = {}
    for module in _modules():
        for _, member in inspect.getmembers(module, inspect.isclass):
            if issubclass(member, Table) and member.__module__.startswith(module.__name__):
                found[member] = None
    return list(found)


@cache
def _app_config() -> "AppConfig":
    # Its module brings a code formatter along, which only writers of migrations need.
    from piccolo.conf.apps import AppConfig

    return AppConfig(
        app_name="panel",
        migrations_folder_path=MIGRATIONS,
        table_classes=our_tables(),
    )


def __getattr__(name: str) -> "AppConfig":
    """Answer `APP_CONFIG`, the name that Piccolo looks for, when it is asked for."""
    if name == "APP_CONFIG":
        return _app_config()
    raise AttributeError(name)
