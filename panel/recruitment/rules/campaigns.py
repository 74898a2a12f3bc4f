"""Decisions about campaigns: what is announced, when one may apply, when a draw may be."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from panel.chance import Json
from panel.errors import Closed, Conflict, Fault, Invalid, Missing
from panel.recruitment.rules import identity
from panel.recruitment.types.applications import AgeBand
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignState,
    CampaignView,
    Phase,
    Unsettled,
)
from panel.recruitment.types.lottery import DrawPlan, Feasibility
from panel.rulebook.types import Recruitment, Rulebook, RulebookVersion
from panel.workdays import SHANGHAI, moment_before

_MOST_SEATS: Final = 20_000
_MOST_MONTHS: Final = 120
_BANDS: Final = ("18-34", "35-49", "50-64", "65+")
_CATEGORY_WORDS: Final = {
    "enterprise": ("企业", "企业代表", "企业员工"),
    "self_employed": ("个体", "个体户"),
    "resident": ("群众", "居民", "村民", "普通群众", "群众代表"),
    "other": ("其他", "机关", "事业单位", "机关事业单位", "公职人员"),
}
"""What offices write for the usual categories besides the rulebook's own words."""
_REQUIRED: Final = ("title", "conditions", "privacy")
_MOST_COHORTS: Final = 2


class _Frozen(msgspec.Struct):
    """What is read again from frozen criteria."""

    plan: DrawPlan
    ages_on: dt.date | None = None


def check_draft(draft: CampaignDraft) -> None:
    """Refuse a campaign that is incomplete or whose dates do not follow each other."""
    faults = [
        Fault(field, "form.required") for field in _REQUIRED if not getattr(draft, field).strip()
    ]
    if not 1 <= draft.seats <= _MOST_SEATS:
        faults.append(Fault("seats", "campaign.range", {"lowest": 1, "highest": _MOST_SEATS}))
    if not 0 <= draft.reserve <= draft.seats:
        faults.append(Fault("reserve", "campaign.range", {"lowest": 0, "highest": draft.seats}))
    if draft.closes_at <= draft.opens_at:
        faults.append(Fault("closes_at", "campaign.closes_before_opening"))
    if draft.term_start <= draft.closes_at.astimezone(SHANGHAI).date():
        faults.append(Fault("term_start", "campaign.term_before_closing"))
    if not 1 <= draft.cohorts <= _MOST_COHORTS:
        faults.append(Fault("cohorts", "campaign.range", {"lowest": 1, "highest": _MOST_COHORTS}))
    if not 1 <= draft.term_months <= _MOST_MONTHS:
        faults.append(
            Fault("term_months", "campaign.range", {"lowest": 1, "highest": _MOST_MONTHS})
        )
    if faults:
        raise Invalid("campaign.faults", *faults)


def may_announce(campaign: CampaignView, at: dt.datetime, days: int) -> None:
    """Refuse what is announced already, or so late that people would not hear of it in time."""
    if campaign.state is not CampaignState.DRAFT:
        raise Conflict("campaign.announced_already")
    if campaign.opens_at < at + dt.timedelta(days=days):
        raise Invalid("campaign.too_late_to_announce", days=days)


def criteria(campaign: CampaignView, version: RulebookVersion, plan: DrawPlan) -> Json:
    """Return what an announcement freezes: the document whose hash the public page shows.

    An extension or a second period changes the dates and nothing here: ages keep counting on the
    day that was announced as the last one.
    """
    recruitment = version.rulebook.recruitment
    return {
        "campaign": campaign.code,
        "kind": campaign.kind.value,
        "title": campaign.title,
        "title_en": campaign.title_en,
        "seats": campaign.seats,
        "reserve": campaign.reserve,
        "cohorts": campaign.cohorts,
        "opens_at": campaign.opens_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "closes_at": campaign.closes_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "conditions": campaign.conditions,
        "conditions_en": campaign.conditions_en,
        "privacy": campaign.privacy,
        "privacy_en": campaign.privacy_en,
        "term_start": campaign.term_start.isoformat(),
        "term_months": campaign.term_months,
        "minimum_age": recruitment.minimum_age,
        "maximum_age": recruitment.maximum_age,
        "ages_on": campaign.closes_at.astimezone(SHANGHAI).date().isoformat(),
        "exclusions": [
            {"key": each.key, "zh": each.text.zh, "en": each.text.en}
            for each in recruitment.exclusions
        ],
        "two_offices": campaign.two_offices,
        "lists": recruitment.lists,
        "rulebook": version.hash,
        "plan": plan_facts(plan),
    }


def plan_facts(plan: object) -> Json:
    """Return a plan, record or relaxation as the values of its canonical JSON."""
    facts: Json = msgspec.to_builtins(plan)
    return facts


def may_be_seen(campaign: CampaignView) -> None:
    """Hide what was never announced from the public: for them there is no such campaign."""
    if campaign.announced_at is None:
        raise Missing("campaign.unknown")


def may_apply(campaign: CampaignView, at: dt.datetime) -> None:
    """Refuse an application before the opening or after the closing moment."""
    may_be_seen(campaign)
    phase = campaign.phase(at)
    if phase is Phase.ANNOUNCED:
        raise Conflict("application.not_open", opens_at=campaign.opens_at.isoformat())
    if phase is not Phase.OPEN:
        raise Closed("application.closed", closes_at=campaign.closes_at.isoformat())


def frozen_plan(campaign: CampaignView) -> DrawPlan | None:
    """Return the quotas as they were announced, None before the announcement."""
    if not campaign.criteria:
        return None
    return msgspec.json.decode(campaign.criteria, type=_Frozen).plan


def ages_on(campaign: CampaignView) -> dt.date:
    """Return the day on which ages count: the last one of the first period, as announced."""
    if campaign.criteria:
        frozen = msgspec.json.decode(campaign.criteria, type=_Frozen).ages_on
        if frozen is not None:
            return frozen
    return campaign.closes_at.astimezone(SHANGHAI).date()


def may_extend(campaign: CampaignView, closes_at: dt.datetime, reason: str, at: dt.datetime) -> str:
    """Return the reason as it is published; refuse an extension too late, or one that shortens."""
    may_be_seen(campaign)
    if campaign.phase(at) not in {Phase.ANNOUNCED, Phase.OPEN}:
        raise Conflict("campaign.closed_already")
    return _later(campaign.closes_at, closes_at, reason)


def _later(after: dt.datetime, closes_at: dt.datetime, reason: str) -> str:
    """Return the reason; name what is missing, or a closing moment that is no good.

    It may lie past the announced start of the term: then terms begin with the appointment.
    """
    told = reason.strip()
    faults = [] if told else [Fault("reason", "form.required")]
    if closes_at <= after:
        faults.append(Fault("closes_at", "campaign.not_later"))
    if faults:
        raise Invalid("campaign.faults", *faults)
    return told


def may_reopen(  # noqa: PLR0917 - a period is a span and its reason
    campaign: CampaignView,
    weighed: Feasibility,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    reason: str,
    at: dt.datetime,
) -> str:
    """Return the reason as it is published; refuse a second period that nothing asks for."""
    if campaign.state not in {CampaignState.SCREENING, CampaignState.SELECTING}:
        raise Conflict("campaign.not_reopenable")
    if weighed.possible:
        raise Conflict("campaign.pool_suffices")
    if opens_at < at:
        raise Invalid("campaign.faults", Fault("opens_at", "campaign.in_the_past"))
    return _later(opens_at, closes_at, reason)


def may_cancel(campaign: CampaignView, reason: str) -> str:
    """Return the reason as it is published; refuse once members are being appointed."""
    if campaign.state is CampaignState.CANCELLED:
        raise Conflict("campaign.cancelled_already")
    if campaign.state in {CampaignState.APPOINTING, CampaignState.COMPLETED}:
        raise Conflict("campaign.too_late_to_cancel")
    if not reason.strip():
        raise Invalid("campaign.faults", Fault("reason", "form.required"))
    return reason.strip()


def may_start_screening(campaign: CampaignView, at: dt.datetime) -> None:
    """Refuse to begin the vetting while people may still apply, or a second time."""
    if campaign.phase(at) is not Phase.CLOSED:
        raise Conflict("campaign.not_closed")


def may_screen(campaign: CampaignView, at: dt.datetime) -> None:
    """Refuse a verdict outside its time: after vetting was started, before it is finished."""
    if campaign.phase(at) is not Phase.SCREENING:
        raise Conflict("vetting.not_now")


def receipts_printable(campaign: CampaignView) -> bool:
    """Tell whether receipt codes may still be shown: once the pool is frozen they are a power."""
    return campaign.state in {CampaignState.ANNOUNCED, CampaignState.SCREENING}


def may_print_receipts(campaign: CampaignView) -> None:
    """Refuse to show receipt codes once the pool is frozen: they could withdraw the drawn."""
    if not receipts_printable(campaign):
        raise Conflict("import.slips_over")


def may_finish_screening(campaign: CampaignView, unsettled: Unsettled) -> None:
    """Refuse to end the vetting while anybody's application is still open."""
    if campaign.state is not CampaignState.SCREENING:
        raise Conflict("campaign.not_screening")
    if unsettled.total:
        raise Conflict("campaign.unsettled", count=unsettled.total)


def bands(recruitment: Recruitment) -> tuple[AgeBand, ...]:
    """Return the age bands of the rulebook's quotas, or the usual ones where it has none."""
    values = tuple(quota.value for quota in recruitment.quotas if quota.feature == "age_band")
    return identity.read_bands(values) or identity.read_bands(_BANDS)


def categories(recruitment: Recruitment) -> dict[str, str]:
    """Return the key of each category by the words that people use for it."""
    words: dict[str, str] = {}
    for quota in recruitment.quotas:
        if quota.feature == "category":
            for word in (quota.value, quota.text.zh, quota.text.en):
                words.setdefault(identity.tidy(word), quota.value)
    for group in recruitment.groups:
        if group.feature == "category":
            words |= {value: value for value in group.values}
    keys = set(words.values())
    for key, others in _CATEGORY_WORDS.items():
        if key in keys:
            words |= {other: key for other in others if other not in words}
    words.pop("", None)
    return words


def districts(recruitment: Recruitment) -> tuple[str, ...]:
    """Return the districts that the quotas name."""
    return tuple(quota.value for quota in recruitment.quotas if quota.feature == "district")


def closes_soon(campaign: CampaignView, rulebook: Rulebook, at: dt.datetime) -> bool:
    """Tell whether applications are still open, but not much longer."""
    limit = rulebook.deadline("closing_soon")
    last = campaign.closes_at
    first = moment_before(last, limit.amount, limit.unit, rulebook.calendar)
    return campaign.phase(at) is Phase.OPEN and at >= first
