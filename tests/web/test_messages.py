"""Delivery: as files, through a real mail server, through the provider's library."""

from __future__ import annotations

import asyncio
import email
import email.policy
import http.server
import json
import socket
import threading
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from panel import db
from panel.actor import Actor, Role
from panel.notices import commands, queries
from panel.notices.types import Channel, MessageKind, Preference
from panel.settings import Settings
from tests.make import vault as make
from web import messages

pytestmark = pytest.mark.engines("sqlite", "postgres")

AT = make.AT


class _Mailbox:
    """A mail server's handler that keeps what it gets and refuses one address for good."""

    def __init__(self) -> None:
        self.kept: list[email.message.EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if address.startswith("gone@"):
            return "550 no such mailbox"
        if address.startswith("busy@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        data = envelope.content
        assert isinstance(data, bytes)
        self.kept.append(email.message_from_bytes(data, policy=email.policy.default))
        return "250 OK"


class _MailServer(Controller):
    """A mail server on a port that nobody can take before it listens."""

    def __init__(self, box: _Mailbox, listening: socket.socket) -> None:
        """Keep the socket; a busy machine may take its time."""
        port = listening.getsockname()[1]
        super().__init__(box, hostname="127.0.0.1", port=port, ready_timeout=60)
        self._listening = listening

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


@pytest.fixture
def mail() -> Iterator[tuple[_Mailbox, str]]:
    """Run a real mail server on a free port of this machine."""
    box = _Mailbox()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        controller = _MailServer(box, listening)
        controller.start()
        try:
            yield box, f"smtp://127.0.0.1:{controller.port}"
        finally:
            controller.stop()


async def _post(*addresses: str, kind: MessageKind = MessageKind.NEWS) -> None:
    for number, address in enumerate(addresses, start=1):
        person = await make.person(number)
        actor = Actor(person=person, roles=frozenset({Role.MEMBER}))
        wish = Preference(Channel.EMAIL if address else Channel.SMS, "en")
        await commands.choose(actor, person, wish, address, at=AT)
        await commands.post([person], kind, "one", at=AT)


def _settings(folder: Path, **more: Any) -> Settings:
    return msgspec.structs.replace(
        Settings(data_dir=folder / "data", key_dir=folder / "keys"), **more
    )


async def test_without_a_provider_messages_become_files(engine: db.Engine, tmp_path: Path) -> None:
    await _post("lin@example.org", "")
    assert await messages.deliver(_settings(tmp_path), at=AT) == 2
    files = sorted((tmp_path / "data" / "outbox").iterdir())
    texts = [path.read_text(encoding="utf-8") for path in files]
    assert {text.splitlines()[0] for text in texts} == {"lin@example.org", "13900000002"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)


async def test_a_mail_server_gets_it_once_and_its_refusals_count(
    engine: db.Engine, tmp_path: Path, mail: tuple[_Mailbox, str]
) -> None:
    box, url = mail
    await _post("lin@example.org", "gone@example.org", "busy@example.org")
    settings = _settings(tmp_path, smtp_url=url, mail_from="panel@example.org")
    assert await messages.deliver(settings, at=AT) == 1
    (letter,) = box.kept
    assert letter["To"] == "lin@example.org"
    assert letter["Message-ID"].endswith("@example.org>")
    assert "Jining citizen supervision panel" in letter["Subject"]
    assert "there is news" in letter.get_content()
    assert await queries.to_call() == 1
    assert await queries.waiting() == 1


async def test_a_server_that_is_away_puts_messages_off(engine: db.Engine, tmp_path: Path) -> None:
    await _post("lin@example.org")
    away = _settings(tmp_path, smtp_url="smtp://127.0.0.1:9")
    assert await messages.deliver(away, at=AT) == 0
    assert await queries.waiting() == 1
    assert await queries.to_call() == 0


class _Provider(http.server.BaseHTTPRequestHandler):
    asked: list[dict[str, Any]] = []  # noqa: RUF012 - shared on purpose
    heads: list[dict[str, str]] = []  # noqa: RUF012 - shared on purpose

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        self.heads.append(dict(self.headers))
        bad = body["PhoneNumberSet"] == ["13900000002"]
        code = "InvalidParameterValue.IncorrectPhoneNumber" if bad else "Ok"
        answer = {"Response": {"SendStatusSet": [{"Code": code, "Message": "", "Fee": 1}]}}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        del format, args


@pytest.fixture
def provider() -> Iterator[str]:
    """Answer as the provider's address does, on this machine."""
    _Provider.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_text_messages_go_by_their_template(
    engine: db.Engine, tmp_path: Path, provider: str
) -> None:
    await _post("", "")
    settings = _settings(
        tmp_path, sms="tencent", sms_key_id="id", sms_key_secret="secret",  # noqa: S106 - invented
        sms_app="1400", sms_sign="评议团", sms_endpoint=provider, sms_templates=("news=77",),
    )  # fmt: skip
    assert await messages.deliver(settings, at=AT) == 1
    first = next(body for body in _Provider.asked if body["PhoneNumberSet"] == ["13900000001"])
    assert (first["TemplateId"], first["SignName"], first["SmsSdkAppId"]) == (
        "77",
        "评议团",
        "1400",
    )
    assert len(first["SessionContext"]) == 10
    assert "secret" not in str(_Provider.heads)
    assert await queries.to_call() == 1


async def test_a_kind_without_template_is_for_the_telephone(
    engine: db.Engine, tmp_path: Path, provider: str
) -> None:
    await _post("", kind=MessageKind.SHEET_RETURNED)
    own = {"sms": "tencent", "sms_key_id": "id", "sms_key_secret": "-"}
    settings = _settings(tmp_path, sms_endpoint=provider, **own)
    assert await messages.deliver(settings, at=AT) == 0
    assert await queries.to_call() == 1


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_message_says_nothing_secret(kind: MessageKind, lang: Any) -> None:
    said = messages.text_of(kind, lang, Settings())
    assert not [word for word in ("{", "窗口", "暗访", "covert", "window") if word in said]
    assert Settings().base_url in said
