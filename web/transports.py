"""How messages leave: as files, by e-mail (SMTP), by text message through a provider."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from panel.ids import Code
from panel.notices.types import Channel, MessageKind
from panel.settings import Settings

_PATIENCE: Final = 20
"""Seconds for one delivery."""


class Undeliverable(Exception):  # noqa: N818 - said about an address, not about this program
    """The address can't be reached this way, now or later."""


class Letter(msgspec.Struct, frozen=True):
    """One message as a transport sends it; ``code`` tells the receiver of a second copy of it."""

    code: Code
    kind: MessageKind
    to: str
    subject: str
    text: str
    lang: str
    params: tuple[str, ...] = ()
    """What the provider's template is filled in with."""


class Transport(Protocol):
    """Something that delivers a letter, or raises: ``Undeliverable`` for good, else try again."""

    async def send(self, letter: Letter) -> None:
        """Deliver one letter."""


class Files:
    """Writes each message to a file of the data folder: to try the service, or for a gateway."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; it is made with the first message."""
        self._folder = folder

    async def send(self, letter: Letter) -> None:
        """Write a message, readable by the service alone; a second copy replaces the first."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{letter.code}.txt"
        text = f"{letter.to}\n{letter.subject}\n\n{letter.text}\n"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


class Mail:
    """Sends e-mail through the server of an address such as ``smtps://name:secret@host:465``.

    ``smtp://`` asks for STARTTLS and goes on without it only to this very machine.
    """

    def __init__(self, url: str, sender: str) -> None:
        """Take the address apart."""
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        """Send one e-mail; an address that the server refuses for good is undeliverable."""
        await asyncio.to_thread(self._send, self._composed(letter))

    def _composed(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{letter.code}@{self._sender.rpartition('@')[2]}>"
        message["Content-Language"] = letter.lang
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _send(self, message: EmailMessage) -> None:
        host = self._url.hostname or "localhost"
        with self._connected(host) as server:
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as fault:
                code = next(iter(fault.recipients.values()))[0]
                if code >= 500:  # noqa: PLR2004 - SMTP's border between later and never
                    raise Undeliverable(str(code)) from fault
                raise

    def _connected(self, host: str) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, self._url.port or 465, timeout=_PATIENCE, context=context)
        server = smtplib.SMTP(host, self._url.port or 587, timeout=_PATIENCE)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        elif host not in {"localhost", "127.0.0.1", "::1"}:
            server.close()
            msg = "the mail server offers no TLS"
            raise smtplib.SMTPNotSupportedError(msg)
        return server


class TencentSms:
    """Sends text messages through Tencent Cloud, each kind by a template approved there."""

    def __init__(self, settings: Settings) -> None:
        """Read account, signature and templates; the library comes with the extra ``sms``."""
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
        from tencentcloud.sms.v20210111.sms_client import SmsClient

        endpoint = urlsplit(settings.sms_endpoint)
        http = HttpProfile(protocol=endpoint.scheme, endpoint=endpoint.netloc, reqTimeout=_PATIENCE)
        self._client = SmsClient(
            Credential(settings.sms_key_id, settings.sms_key_secret),
            settings.sms_region,
            ClientProfile(httpProfile=http),
        )
        self._app, self._sign = settings.sms_app, settings.sms_sign
        self._templates = dict(pair.split("=", 1) for pair in settings.sms_templates)

    async def send(self, letter: Letter) -> None:
        """Send one text message; a number that the provider refuses is undeliverable."""
        template = self._templates.get(letter.kind.value)
        if template is None:
            raise Undeliverable("no template")
        await asyncio.to_thread(self._send, letter, template)

    def _send(self, letter: Letter, template: str) -> None:
        from tencentcloud.sms.v20210111.models import SendSmsRequest

        request = SendSmsRequest()
        request.SmsSdkAppId = self._app
        request.SignName = self._sign
        request.TemplateId = template
        request.PhoneNumberSet = [letter.to]
        if letter.params:
            request.TemplateParamSet = list(letter.params)
        request.SessionContext = letter.code
        answer = self._client.SendSms(request)
        status = answer.SendStatusSet[0]
        if status.Code.startswith(
            ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist")
        ):
            raise Undeliverable(status.Code)
        if status.Code != "Ok":
            raise RuntimeError(status.Code)


def reaches(settings: Settings) -> frozenset[Channel]:
    """Return the ways by which messages truly leave this machine."""
    ways = {Channel.SMS: settings.sms != "file", Channel.EMAIL: bool(settings.smtp_url)}
    return frozenset(way for way, leaves in ways.items() if leaves)


def transports(settings: Settings) -> dict[Channel, Transport]:
    """Return how each kind of message leaves; what is not set up is written to files."""
    files = Files(settings.data_dir / "outbox")
    mail: Transport = Mail(settings.smtp_url, settings.mail_from) if settings.smtp_url else files
    sms: Transport = TencentSms(settings) if settings.sms == "tencent" else files
    return {Channel.SMS: sms, Channel.EMAIL: mail}
