"""Reads of campaigns, applications, screening and the pool."""

from panel.recruitment.queries.applications import changed, judged, own, readable, receipt
from panel.recruitment.queries.campaigns import (
    announced,
    announced_campaign,
    campaign,
    campaigns,
    feasibility,
    periods,
    plan,
    terms,
    unsettled,
)
from panel.recruitment.queries.pool import pool
from panel.recruitment.queries.screening import (
    application,
    applications_of,
    asked,
    awaited,
    count_of,
    progress,
    reasons,
    said,
    settled,
    tickets_of,
    votes,
    votes_on,
)

__all__ = [
    "announced",
    "announced_campaign",
    "application",
    "applications_of",
    "asked",
    "awaited",
    "campaign",
    "campaigns",
    "changed",
    "count_of",
    "feasibility",
    "judged",
    "own",
    "periods",
    "plan",
    "pool",
    "progress",
    "readable",
    "reasons",
    "receipt",
    "said",
    "settled",
    "terms",
    "tickets_of",
    "unsettled",
    "votes",
    "votes_on",
]
