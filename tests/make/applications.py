"""Builders of applications, nominations and what opens them; all people are invented."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import msgspec
from PIL import Image

from panel.ids import Code
from panel.recruitment import commands
from panel.recruitment.commands import applications, nominations
from panel.recruitment.types.applications import (
    ApplicationForm,
    Nominated,
    NominationForm,
    Own,
    Proposal,
    Receipt,
)
from panel.vault.types import Attached
from tests.make import recruitment as make


def key(number: int = 1) -> str:
    """Return an idempotency key as a page makes it."""
    return f"key-{number:032d}"


async def sent(campaign: Code, number: int = 1, at: dt.datetime = make.OPEN) -> Receipt:
    """Send one application by form."""
    return await commands.apply(campaign, make.form(number), key=key(number), at=at)


async def opened(campaign: Code, receipt: Receipt, at: dt.datetime = make.OPEN) -> Own:
    """Open an application by its receipt."""
    return await applications.open_by_receipt(campaign, receipt.ticket, receipt.code, "", at=at)


def picture(width: int = 60, height: int = 40, kind: str = "JPEG", **more: Any) -> bytes:
    """Return an invented photo of a signed form."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, kind, **more)
    return file.getvalue()


def scan() -> Attached:
    """Return a scan as the web hands it on."""
    return Attached(picture(), "image/jpeg")


def nomination(number: int = 1, **more: object) -> NominationForm:
    """Return what an invented organisation types about the applicant of that number."""
    whole = NominationForm(
        organisation=f"示例第{number}协会",
        post="秘书长",
        name="推荐示例",
        phone="0537-1234567",
        nominee=make.form(number).name,
        reasons="热心公益，公道正派。",
        duty=True,
    )
    return msgspec.structs.replace(whole, **more)


async def nominated(campaign: Code, number: int = 1, **more: object) -> Nominated:
    """File a nomination of the applicant of that number."""
    return await nominations.nominate(
        campaign, nomination(number, **more), scan(), key=key(100 + number), at=make.OPEN
    )


async def proposal(campaign: Code, filed: Nominated, at: dt.datetime = make.OPEN) -> Proposal:
    """Open a nomination as its nominee."""
    return await nominations.open_by_code(campaign, filed.number, filed.code, "", at=at)


def typed(form: ApplicationForm, number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an application as a browser posts it."""
    return {
        **{
            name: value
            for name, value in msgspec.to_builtins(form).items()
            if isinstance(value, str)
        },
        "key": key(number),
        "consent": "yes",
        **more,
    }
