"""What stands beside the files of a release and can be taken away: a banner, names of persons.

No digest covers this folder. It holds a style sheet that every page links to: empty at first, and
a banner once a later publication corrected or replaced the release. Names of officers stand in
the newest release only, as long as their time lasts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from panel import entropy
from panel.rankings import queries
from panel.rankings.queries import officers
from panel.rankings.types import PublicationView, ReleaseStatus
from panel.settings import Settings
from web import assets
from web.i18n import Lang, date, gettext
from web.release.content import gathered
from web.release.pages import OVERLAY, Writer

_LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
_EMPTY: Final = "/* nothing */\n"


async def refresh(settings: Settings, *, at: dt.datetime) -> None:
    """Bring the folders beside all releases up to date; the same again changes nothing."""
    every = [each for each in await queries.publications() if each.manifest_hash]
    if not every:
        return
    named = await officers.published_names(at=at)
    newest = every[0]
    content = await gathered(newest, newest.previous_hash) if named else None
    for place, each in enumerate(every):
        folder = settings.releases_dir / each.manifest_hash
        files: dict[str, bytes] = {"overlay.css": banner(_after(each, every[:place])).encode()}
        if each is newest and content is not None:
            rows = [msgspec.structs.asdict(one) for one in named]
            files |= {
                f"officers-{lang}.html": Writer(
                    settings, content, assets.load(), lang, large=False
                ).aside(f"{OVERLAY}/officers-{lang}.html", "officers", {"rows": rows})
                for lang in _LANGS
            }
        await asyncio.to_thread(_replace, folder, files)


def _after(one: PublicationView, later: list[PublicationView]) -> PublicationView | None:
    """Return the newest publication that takes the place of another one, of the same round."""
    found = [each for each in later if each.round_code == one.round_code]
    return found[0] if found else None


def banner(after: PublicationView | None) -> str:
    """Return the style sheet beside a release: a line over every page once it was replaced."""
    if after is None:
        return _EMPTY
    said = "release.corrected" if after.status is ReleaseStatus.CORRECTION else "release.replaced"
    lines = [
        gettext(lang, said, number=after.sequence, day=date(lang, after.published_at))
        for lang in _LANGS
    ]
    zh, en = (line.replace("\\", "").replace('"', "'") for line in lines)
    return (
        "body::before{display:block;padding:.8rem 1rem;background:#8a3b00;color:#fff;"
        "font-weight:600}\n"
        f':lang(zh) body::before{{content:"{zh}"}}\n:lang(en) body::before{{content:"{en}"}}\n'
    )


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write what is new, take away what is no longer there; each file at one stroke."""
    if not folder.is_dir():
        return
    aside = folder / OVERLAY
    aside.mkdir(exist_ok=True)
    for name, body in files.items():
        path = aside / name
        if path.is_file() and path.read_bytes() == body:
            continue
        fresh = aside / f".{name}.{entropy.token()[:8]}"
        fresh.write_bytes(body)
        fresh.replace(path)
    for path in aside.iterdir():
        if path.name not in files:
            path.unlink(missing_ok=True)
