"""Pictures that people send: made anew, so that nothing but the picture itself is kept."""

from __future__ import annotations

import asyncio
import io
import re
import warnings
from typing import Final

from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.vault.types import Attached

JPEG: Final = "image/jpeg"
ACCEPT: Final = "image/jpeg,image/png"
"""A PDF can hold programs and hidden text: whoever has one takes a picture of the page."""
_FORMATS: Final = ("JPEG", "PNG")
_MOST_PIXELS: Final = 40_000_000
_LONGEST_SIDE: Final = 2400
"""Enough to read a stamped A4 page at about 200 dots an inch."""
_QUALITY: Final = 82
_POSTER: Final = re.compile(r"/w/([0-9A-Z]{10})$")
"""How the address on a poster ends."""
_TURNS: Final = asyncio.Semaphore(2)
"""A large picture takes a quarter of a gigabyte while it is made anew: two at once, no more."""


async def symbol(data: bytes, field: str) -> Code:
    """Return the code of the window whose poster is in a photo; nothing of the photo is kept."""
    async with _TURNS:
        texts = await asyncio.to_thread(_symbols, data, field)
    if not texts:
        raise Invalid("form.faults", Fault(field, "scan.nothing_found"))
    for text in texts:
        address = _POSTER.search(text)
        if address:
            return read_code(address[1])
    raise Invalid("form.faults", Fault(field, "scan.not_ours"))


def _symbols(data: bytes, field: str) -> list[str]:
    import zxingcpp  # large, and few processes need it
    from PIL import Image

    with Image.open(io.BytesIO(_clean(data, field).data)) as found:
        grey = found.convert("L")
    read = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [str(each.text) for each in read]


async def clean(data: bytes, field: str) -> Attached:
    """Return a photo or scan as a fresh JPEG without metadata; refuse what is none, by its field.

    The size is read from the header and judged before anything is decoded.
    """
    async with _TURNS:
        return await asyncio.to_thread(_clean, data, field)


def _clean(data: bytes, field: str) -> Attached:
    from PIL import Image, ImageOps  # large, and few processes need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own warning about large pictures: ours is firmer
            with Image.open(io.BytesIO(data), formats=_FORMATS) as found:
                if found.width * found.height > _MOST_PIXELS:
                    raise Invalid("form.faults", Fault(field, "form.picture_large"))
                found.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
                found.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))  # before anything is copied
                upright = ImageOps.exif_transpose(found)
                flat = Image.new("RGB", upright.size, "white")
                mask = upright.convert("RGBA").getchannel("A") if upright.mode != "RGB" else None
                flat.paste(upright.convert("RGB"), mask=mask)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise Invalid("form.faults", Fault(field, "form.no_picture")) from fault
    fresh = io.BytesIO()
    flat.save(fresh, "JPEG", quality=_QUALITY)
    return Attached(fresh.getvalue(), JPEG)
