"""Requests that nobody sends in good faith, and what is told to caches and browsers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import RequestFactory

from panel.actor import Actor
from panel.errors import Invalid
from panel.settings import Settings
from tests import people
from tests.make import rulebook
from web import exports, forms, pages, scans
from web.headers import Outermost

Browse = Callable[..., Any]
PDF = b"%PDF-1.4 signed"


@pytest.mark.parametrize(
    "wish",
    ["/\t/evil.example", "/\n/evil.example", "/\\evil.example", "/ /evil.example", "//e.example",
     "https://e.example", "", "javascript:alert(1)"],
)  # fmt: skip
async def test_a_wish_never_leads_to_another_site(browse: Browse, wish: str) -> None:
    answer = await browse().get("/prefer", params={"large": "1", "next": wish})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_an_address_in_chinese_is_led_back_to(browse: Browse) -> None:
    answer = await browse().get("/prefer", params={"next": "/office/roster?q=任城区"})
    assert answer.headers["location"] == "/office/roster?q=%E4%BB%BB%E5%9F%8E%E5%8C%BA"


def test_an_address_that_is_written_out_stays_as_it_is() -> None:
    state = State({"settings": Settings()})
    app = Litestar(request_class=pages.Request, state=state, openapi_config=None)
    asked = pages.Request(RequestFactory(app=app).get("/zh/").scope)
    url = "/m/tasks/ABC?said=done&q=%E4%BB%BB+a#part"
    assert pages.redirect(asked, url).headers["Location"] == url


async def test_what_is_secret_is_never_written_into_a_page(browse: Browse) -> None:
    typed = {"old": "first-secret", "password": "second-secret", "again": "second-secret"}
    for address in ("/me/secret", "/m/me/secret"):
        answer = await browse().post(address, data=typed)
        assert answer.status_code == 401
        assert not any(value in answer.text for value in typed.values())
        assert answer.headers["cache-control"] == "no-store"


async def test_a_press_of_a_button_survives_the_sign_in(browse: Browse) -> None:
    answer = await browse().post("/m/tasks/0000000000/accept", data={"csrf": "old"})
    assert answer.status_code == 401
    assert 'name="carry.' in answer.text


async def test_a_form_of_too_many_fields_or_too_long_is_refused(browse: Browse) -> None:
    browser = browse()
    many = "&".join(f"a{n}=1" for n in range(1100))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (many, "login=" + "x" * 1_100_000):
        answer = await browser.post("/sign-in", content=body, headers=form)
        assert answer.status_code == 413
    parts = {f"a{n}": (None, "1") for n in range(1100)}
    assert (await browser.post("/sign-in", files=parts)).status_code in {400, 413}
    big = {"file": ("a.csv", b"x" * (12 * 1024 * 1024 + 1))}
    assert (await browser.post("/sign-in", files=big)).status_code == 413


@pytest.mark.parametrize("address", ["/w/0000%000000", "/zh/?said=%00", "/office/units/%00"])
async def test_a_zero_byte_in_an_address_names_nothing(browse: Browse, address: str) -> None:
    assert (await browse(people.coordinator).get(address)).status_code == 404


async def test_a_number_that_no_database_holds_is_no_page(browse: Browse) -> None:
    browser = browse(people.coordinator)
    for text in ("9" * 30, "-1", "²", "1e3", "٣"):
        answer = await browser.get("/office/audit", params={"before": text})
        assert answer.status_code == 200, text


@pytest.mark.parametrize("text", ["9" * 10, "9" * 5000, "1.5", "", "1e3", "2a"])
def test_a_number_out_of_bounds_is_a_fault_of_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        forms.Form({"n": [text]}, {}).integer("n")
    assert refusal.value.faults[0].path == "n"


def test_numbers_are_read_as_people_type_them() -> None:
    read = forms.Form({"n": ["\uff11,\uff12\uff10\uff10"], "m": ["-3"]}, {})
    assert (read.integer("n"), read.integer("m"), read.integer("k", 7)) == (1200, -3, 7)


def test_texts_hold_no_control_characters() -> None:
    read = forms.Form({"t": [" a\x00b\r\nc\x1b "], "u": ["\x00", "d"]}, {})
    assert read.text("t") == "ab\nc"
    assert read.many("u") == ["d"]


@pytest.mark.parametrize("actor", [None, people.stranger, people.coordinator])
async def test_a_refusal_is_never_kept_by_a_cache(browse: Browse, actor: Actor | None) -> None:
    browser = browse(actor)
    plain = [await browser.get(path) for path in ("/w/0000000000", "/admin/none", "/nothing")]
    json = {"Accept": "application/json"}
    told = [await browser.get(path, headers=json) for path in ("/w/0000000000", "/office/units/x")]
    for answer in (*plain, *told):
        if answer.status_code != 303:
            assert answer.status_code >= 400
            assert answer.headers["cache-control"] == "no-store"


async def test_a_shared_page_varies_with_the_wish_for_large_letters(browse: Browse) -> None:
    await rulebook.approved()
    small = await browse().get("/zh/measures")
    large = await browse().get("/zh/measures", headers={"Cookie": "panel_large=1"})
    assert small.headers["etag"] != large.headers["etag"]
    assert "Cookie" in small.headers["vary"]
    assert "set-cookie" not in small.headers


@pytest.mark.parametrize(
    ("base_url", "kept"),
    [
        ("https://panel.example", True),
        ("http://panel.example", False),
        ("https://localhost:8443", False),
        ("https://127.0.0.1:8443", False),
        ("https://192.168.1.20:8000", False),
        ("https://[::1]:8443", False),
    ],
)
async def test_only_a_name_of_ones_own_is_bound_to_tls(base_url: str, *, kept: bool) -> None:
    sent = await _through(Settings(base_url=base_url, allowed_hosts=("*",)), b"any")
    names = {name for name, _ in sent[0]["headers"]}
    assert (b"strict-transport-security" in names) is kept


async def _through(settings: Settings, host: bytes) -> list[Any]:
    """Return what the outermost layer sends around an empty application."""
    sent: list[Any] = []

    async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def keep(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "method": "GET", "headers": [(b"host", host)]}
    await Outermost(nothing, settings)(scope, None, keep)  # type: ignore[arg-type]
    return sent


async def test_the_own_name_is_served_without_being_named_twice() -> None:
    for host, status in ((b"panel.example:8443", 200), (b"evil.example", 421), (b"[::1]", 200)):
        sent = await _through(Settings(base_url="https://panel.example:8443"), host)
        assert sent[0]["status"] == status, host


def test_a_scan_is_stored_once_for_the_own_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    digest = scans.keep(folder, PDF, "paper_scan")
    assert scans.keep(folder, PDF, "paper_scan") == digest
    (file,) = folder.iterdir()
    assert (file.name, file.read_bytes()) == (digest, PDF)
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("data", [b"<html>", b"MZ", b"<svg/>", b"x%PDF-"])
def test_what_is_no_scan_is_not_stored(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        scans.keep(tmp_path / "scans", data, "paper_scan")
    assert refusal.value.faults[0].code == "form.no_scan"
    assert not (tmp_path / "scans").exists()


async def test_who_has_nothing_to_approve_stores_nothing(
    browse: Browse, settings: Settings
) -> None:
    await rulebook.approved()
    signed = {"paper": "1", "paper_document": "1", "paper_signer": "x", "paper_date": "2026-03-01"}
    files = {"paper_scan": ("scan.pdf", PDF, "application/pdf")}
    for actor in (people.clerk_a, people.auditor):
        address = "/office/rulebooks/0000000000/approve"
        answer = await browse(actor).post_form(address, signed, files=files)
        assert answer.status_code == 403
    assert not (settings.data_dir / "scans").exists()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", " =1", "＝1", "＠x"])  # noqa: RUF001 - as typed
def test_no_text_acts_as_a_formula(text: str) -> None:
    table = exports.csv_file(["a"], [[text]]).decode("utf-8-sig")
    assert table.split("\r\n", 1)[1].lstrip('"').startswith("'")


def test_settings_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings().base_url = "x"  # type: ignore[misc]
    assert msgspec.structs.replace(Settings(), base_url="https://x").secure
