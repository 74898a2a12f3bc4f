"""Pages of record as documents to edit: the same words, for the same reader, as a .docx file.

A page that offers itself so passes its answer through ``offered``; its template puts
``document_link`` beside the button for printing. Whoever may read the page may have the file.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.status_codes import HTTP_200_OK

from web.documents.reading import read
from web.i18n import HTML_LANG, Lang
from web.pages import Request, download

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
AS: Final = "docx"
"""What is asked for by ``?as=`` or by the button of that name."""
_TURNS: Final = asyncio.Semaphore(2)
"""One in each core at most: they are made in threads, while pages go on being served."""


class Look(msgspec.Struct, frozen=True):
    """What a document is besides its text."""

    title: str
    lang: Lang
    at: dt.datetime
    letterhead: bool = False
    """Whether it leaves the house, so that room for the red head stays free above it."""


async def offered(
    request: Request, answer: Response[Any], title: str, *, letterhead: bool = False, form: str = ""
) -> Response[Any]:
    """Return a page as the document that its reader asks for, by address or form; else as it is.

    ``title`` names the kind of document and goes into the file's name: it says nothing of whom the
    document is about.
    """
    asked = form or request.query_params.get("as", "")
    if asked != AS or answer.status_code != HTTP_200_OK:
        return answer
    look = Look(title, request.lang, request.at, letterhead)
    async with _TURNS:
        data = await asyncio.to_thread(document, str(answer.content), look)
    return download(data, f"{title}.docx", DOCX)


def document(page: str, look: Look) -> bytes:
    """Return what stands on a page as a .docx file."""
    from web.documents.writing import written  # with the library, which few processes need

    return written(read(page, HTML_LANG[look.lang]), look)
