"""Messages in words, and their delivery by the worker."""

from __future__ import annotations

import datetime as dt

from panel.log import logger
from panel.notices import commands, queries
from panel.notices.types import Channel, MessageKind, Outgoing
from panel.recruitment.queries import nominations
from panel.settings import Settings
from web import i18n
from web.transports import Letter, Transport, Undeliverable, transports

_BLANK = dict.fromkeys(("page", "number", "code"), "…")
"""What stands in a text for everybody in place of one nominee's own."""


def text_of(
    kind: MessageKind, lang: i18n.Lang, settings: Settings, params: dict[str, str] | None = None
) -> str:
    """Return what a message says: the same for everybody, without place, unit or task.

    A nominee alone is told a number and a code besides: they are nobody else's.
    """
    return i18n.gettext(
        lang,
        f"message.text.{kind}",
        panel=_panel(lang, settings),
        url=settings.base_url,
        phone=settings.phone,
        **(params or _BLANK),
    )


def _panel(lang: i18n.Lang, settings: Settings) -> str:
    """Return how the panel calls itself."""
    city = settings.city_en if lang == "en" else settings.city
    return i18n.gettext(lang, "message.panel", city=city)


async def _params(message: Outgoing) -> dict[str, str]:
    """Return what one text has besides: a nominee's page, number and consent code."""
    if message.kind is not MessageKind.NOMINATED:
        return {}
    found = await nominations.invitation(message.about)
    if found is None:
        raise Undeliverable("over")
    campaign, code = found
    lang = "en" if message.lang == "en" else "zh"
    page = f"/{lang}/recruitment/{campaign}/nomination"
    return {"page": page, "number": message.about, "code": code}


def letter(
    message: Outgoing, to: str, settings: Settings, params: dict[str, str] | None = None
) -> Letter:
    """Return a message as a transport sends it."""
    lang: i18n.Lang = "en" if message.lang == "en" else "zh"
    return Letter(
        code=message.code,
        kind=message.kind,
        to=to,
        subject=i18n.gettext(lang, "message.subject", panel=_panel(lang, settings)),
        text=text_of(message.kind, lang, settings, params),
        params=tuple((params or {}).values()),
        lang=i18n.HTML_LANG[lang],
    )


async def deliver(settings: Settings, *, at: dt.datetime) -> int:
    """Send what is due; return how many left. What can't be delivered waits or is to be called."""
    ways = transports(settings)
    left = 0
    while messages := await commands.take(at=at):
        addresses = await queries.addresses(messages)
        for message in messages:
            left += await _deliver(message, addresses.get(message.id, ""), ways, settings, at)
    return left


async def _deliver(
    message: Outgoing,
    to: str,
    ways: dict[Channel, Transport],
    settings: Settings,
    at: dt.datetime,
) -> bool:
    """Send one message, or note why it could not be sent; errors never name the address."""
    try:
        if not to:
            raise Undeliverable("no address")  # noqa: TRY301 - one place decides what follows
        params = await _params(message)
        await ways[message.channel].send(letter(message, to, settings, params))
    except Undeliverable as fault:
        await commands.failed(message, str(fault), for_good=True, at=at)
        return False
    except Exception as fault:  # noqa: BLE001 - whatever a provider does wrong, the others go on
        logger().warning("message put off", message=message.code, fault=type(fault).__name__)
        await commands.failed(message, type(fault).__name__, for_good=False, at=at)
        return False
    await commands.sent(message, at=at)
    return True
