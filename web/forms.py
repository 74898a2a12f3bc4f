"""Reading what people typed: tidy texts, numbers, days, files, and signatures on paper."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final

from litestar.datastructures import UploadFile

from panel.actor import Role, Signature
from panel.errors import Fault, Invalid
from web import scans
from web.pages import Request

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,9}")
_APPROVERS: Final = (Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER)
"""Who has anything to approve."""
_LINE: Final = 200
"""Characters of one line about a document."""
MAX_UPLOAD: Final = 10 * 1024 * 1024
"""Bytes of one uploaded file."""


def _tidy(text: str) -> str:
    """Compose (NFC) and trim a text, with plain newlines and no other control characters."""
    if text.isascii() and text.isprintable():
        return text.strip()
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    return _CONTROL.sub("", composed).strip()


class Form:
    """The posted fields; templates read it back, so that nothing typed is lost."""

    def __init__(self, fields: dict[str, list[str]], files: dict[str, tuple[bytes, str]]) -> None:
        """Keep the texts and files by field name."""
        self.fields = fields
        self.files = files

    def text(self, name: str, default: str = "") -> str:
        """Return a text, composed (NFC) and trimmed; line ends are plain newlines."""
        values = self.fields.get(name)
        if not values:
            return default
        return _tidy(values[-1])

    def many(self, name: str) -> list[str]:
        """Return all values of a field, as of several ticked boxes."""
        return [text for value in self.fields.get(name, []) if (text := _tidy(value))]

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.text(name))

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number (full-width digits too); refuse anything else by its field."""
        text = unicodedata.normalize("NFKC", self.text(name)).replace(",", "")
        if not text and default is not None:
            return default
        if not _INTEGER.fullmatch(text):  # no longer than what every database stores
            raise Invalid("form.faults", Fault(name, "form.integer"))
        return int(text)

    def date(self, name: str) -> dt.date:
        """Return a day written as 2026-03-01; refuse anything else by its field."""
        try:
            return dt.date.fromisoformat(unicodedata.normalize("NFKC", self.text(name)))
        except ValueError:
            raise Invalid("form.faults", Fault(name, "form.date")) from None

    def upload(self, name: str) -> tuple[bytes, str] | None:
        """Return an uploaded file with its name, if there is one."""
        return self.files.get(name)


async def fields(request: Request) -> Form:
    """Read a posted form, URL-encoded or multipart; refuse a file that is too large."""
    texts: dict[str, list[str]] = {}
    files: dict[str, tuple[bytes, str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            if len(data) > MAX_UPLOAD:
                raise Invalid(
                    "form.faults", Fault(name, "form.too_large", {"mebibytes": MAX_UPLOAD >> 20})
                )
            if data:
                files[name] = (data, value.filename or name)
        else:
            texts.setdefault(name, []).append(str(value))
    return Form(texts, files)


def chosen(form: Form, name: str) -> bytes:
    """Return the chosen file; refuse a form without one by its field."""
    found = form.upload(name)
    if found is None:
        raise Invalid("form.faults", Fault(name, "form.required"))
    return found[0]


def paper(request: Request, form: Form) -> Signature | None:
    """Return the leader's signature on paper, its scan stored by digest; none if not filled in."""
    if not form.ticked("paper"):
        return None
    request.actor.require(*_APPROVERS)  # before anything is stored
    return signed(request, form)


def signed(request: Request, form: Form) -> Signature:
    """Return a document that was signed or stamped on paper, its scan stored by digest."""
    faults = [
        Fault(name, "form.required")
        for name in ("paper_document", "paper_signer", "paper_date")
        if not form.text(name)
    ]
    faults += [
        Fault(name, "form.too_long", {"most": _LINE})
        for name in ("paper_document", "paper_signer")
        if len(form.text(name)) > _LINE
    ]
    scan = form.upload("paper_scan")
    if scan is None:
        faults.append(Fault("paper_scan", "form.required"))
    if faults or scan is None:
        raise Invalid("form.faults", *faults)
    return Signature(
        document=form.text("paper_document"),
        signer=form.text("paper_signer"),
        signed_on=form.date("paper_date"),
        scan=scans.keep(request.config.data_dir / "scans", scan[0], "paper_scan"),
    )
