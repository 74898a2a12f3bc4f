"""Campaigns in the reader's words: titles, conditions, names of features."""

from __future__ import annotations

from panel.recruitment.types.campaigns import CampaignView
from panel.rulebook import queries as rulebook
from web.i18n import Lang
from web.text import features


def both(path: str) -> list[str]:
    """Return an address in both languages."""
    return [f"/zh{path}", f"/en{path}"]


def text(lang: Lang, campaign: CampaignView, name: str) -> str:
    """Return a text of a campaign in a language, Chinese where there is no other."""
    english = str(getattr(campaign, f"{name}_en")) if lang == "en" else ""
    return english or str(getattr(campaign, name))


async def words(lang: Lang, campaign: CampaignView) -> features.Words:
    """Return the names of features' values by the campaign's own rulebook."""
    version = await rulebook.version(campaign.rulebook)
    return features.Words(version.rulebook.recruitment, lang)
