"""Pages for coordinators, reviewers, clerks and publishers; auditors read."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from litestar import Router

from web import guards

MODULES = (
    "home",
    "board",
    "roster",
    "duty",
    "posters",
    "recruitment",
    "campaigns",
    "periods",
    "imports",
    "screening",
    "signatures",
    "vetting",
    "staff",
    "lottery",
    "publication",
    "nominations",
    "notice",
    "cards",
    "members",
    "training",
    "terms",
    "rounds",
    "plans",
    "stages",
    "planning",
    "draws",
    "tasks",
    "review",
    "deciding",
    "batches",
    "holds",
    "accusations",
    "paper",
    "leads",
    "influence",
    "open_visits",
    "findings",
    "exposures",
    "rankings",
    "procedure",
    "press",
    "protests",
    "appeals",
    "officers",
    "officer_cases",
    "officer_steps",
    "assessments",
    "ballots",
    "consequences",
    "whatif",
    "year_exports",
    "year_figures",
    "orders",
    "messages",
    "exports",
    "circulars",
    "annual_plans",
    "ledger",
    "archives",
    "rulebook",
    "rulebook_drafts",
    "rulebook_numbers",
    "rulebook_forms",
    "rulebook_items",
    "audit",
    "targeting",
    "covert",
    "identities",
    "results",
)


def router() -> Router:
    """Return the router of this audience with its guard; paths stand below ``/office``."""
    handlers: list[Any] = []
    for name in MODULES:
        handlers.extend(import_module(f"web.office.{name}").handlers)
    return Router(
        path="/office", route_handlers=handlers, include_in_schema=False, guards=[guards.office]
    )
