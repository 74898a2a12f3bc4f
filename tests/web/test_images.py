"""Pictures are made anew: nothing but the picture is kept, and bombs are never decoded."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from panel.errors import Invalid
from tests.make.applications import picture
from web import images


def fault(refusal: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    """Return where and what was wrong."""
    (one,) = refusal.value.faults
    return one.path, one.code


def huge_png(side: int) -> bytes:
    """Return a tiny file that says it holds a picture of that many pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1024))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


async def test_metadata_and_trailing_bytes_are_gone() -> None:
    planted = picture(exif=b"Exif\x00\x00GPS-secret", comment=b"secret comment") + b"MZ trailing"
    assert planted.count(b"secret") == 2
    kept = await images.clean(planted, "scan")
    assert kept.media == "image/jpeg"
    assert b"secret" not in kept.data
    assert b"trailing" not in kept.data
    assert Image.open(io.BytesIO(kept.data)).size == (60, 40)


async def test_a_see_through_png_becomes_a_white_page() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")
    kept = await images.clean(file.getvalue(), "scan")
    assert Image.open(io.BytesIO(kept.data)).getpixel((5, 5)) == (255, 255, 255)


async def test_a_turned_photo_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = await images.clean(picture(exif=exif), "scan")
    assert Image.open(io.BytesIO(kept.data)).size == (40, 60)


async def test_a_large_photo_is_made_smaller() -> None:
    kept = await images.clean(picture(5000, 2500), "scan")
    assert Image.open(io.BytesIO(kept.data)).size == (2400, 1200)


@pytest.mark.parametrize("side", [7000, 20_000, 60_000])
async def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(Invalid) as refusal:
        await images.clean(huge_png(side), "scan")
    path, code = fault(refusal)
    assert path == "scan"
    assert code in {"form.picture_large", "form.no_picture"}


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7", b"GIF89a", b"\xff\xd8\xff", b"<svg/>", huge_png(300), picture()[:300]],
)
async def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        await images.clean(data, "scan")
    assert fault(refusal) == ("scan", "form.no_picture")
