"""A publication as static files: both languages, both sizes, readable from any static host.

Every link is relative, so that the folder works under the service, at ``/r/<hash>/`` and under
``python -m http.server``. The manifest names each file's digest and the manifest before it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import hashlib
import os
import posixpath
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import brotli
import msgspec

from panel import entropy
from panel.actor import SYSTEM
from panel.assessments import commands as assessments
from panel.chance import canonical
from panel.errors import Conflict
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.types import (
    AnswerView,
    Kind,
    ListView,
    PublicationView,
    RankingView,
)
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.settings import Settings
from web import assets, standings
from web.exports import csv_file
from web.i18n import HTML_LANG, Lang, gettext
from web.pages import Link, Stage, environment, render
from web.public.rankings import LATEST

_LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
_ASSETS: Final = ("app.css", "app.js", "icon.svg")
_BROTLI: Final = 5
_GZIP: Final = 6


class Content(msgspec.Struct, frozen=True):
    """Everything that the files of one publication are made of."""

    publication: PublicationView
    previous_hash: str
    ranking: RankingView
    lists: list[ListView]
    answers: dict[Code, AnswerView]
    rulebook: Rulebook
    rulebook_text: str
    rulebook_hash: str


class Release(msgspec.Struct, frozen=True):
    """The files by their paths, and the manifest that names them."""

    files: dict[str, bytes]
    manifest: bytes

    @property
    def hash(self) -> str:
        """Return SHA-256 of the manifest, the name of the release."""
        return hashlib.sha256(self.manifest).hexdigest()


async def write_due(settings: Settings, *, at: dt.datetime) -> list[str]:
    """Write every publication whose files are not recorded yet; return their hashes.

    May run twice, also at once: the files of a publication are the same each time.
    """
    written: list[str] = []
    newest = ""
    for each in reversed(await queries.publications()):
        if not each.manifest_hash:
            found = await _content(each, newest)
            release = await asyncio.to_thread(build, settings, found)
            await asyncio.to_thread(store, settings.releases_dir, release)
            await commands.record_release(each.sequence, release.hash, newest, at=at)
            written.append(release.hash)
            newest = release.hash
        else:
            newest = each.manifest_hash
    if newest:
        await asyncio.to_thread(point, settings.releases_dir, newest)
    return written


async def release_job(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Write what is due: the job ``rankings.release``."""
    del payload
    await write_due(settings, at=at)


async def assessment_job(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Open the year from a published ranking: the job ``assessments.open``; twice is once."""
    del settings
    try:
        await assessments.open_year(SYSTEM, Code(payload["round"]), at=at)
    except Conflict as known:
        if known.code != "assessment.opened":
            raise


async def _content(publication: PublicationView, previous: str) -> Content:
    """Gather what is public of one publication."""
    ranking = await queries.ranking(publication.round_code)
    version = await rulebooks.version(ranking.rulebook_code)
    levels = version.rulebook.publication.levels
    return Content(
        publication=publication,
        previous_hash=previous,
        ranking=ranking,
        lists=[
            each
            for each in await queries.lists(ranking.id)
            if levels.get(f"{each.kind.value}_ranking") == "public"
        ],
        answers={
            each.unit_code: each
            for each in await queries.answers(publication.round_code)
            if each.shown
        },
        rulebook=version.rulebook,
        rulebook_text=await rulebooks.content(version.code),
        rulebook_hash=version.hash,
    )


def build(settings: Settings, content: Content) -> Release:
    """Render all files of a publication: a pure function of its content and the settings."""
    front = assets.load()
    files: dict[str, bytes] = {}
    for name in _ASSETS:
        hashed = front.url(name).removeprefix(front.prefix)
        asset = front.find(hashed)
        if asset is not None:
            files[f"rankings/static/{hashed}"] = asset.body
    files["rankings/data/rankings.json"] = canonical(public_data(content))
    files["rankings/data/rulebook.json"] = content.rulebook_text.encode()
    digest = hashlib.sha256(files["rankings/data/rankings.json"]).hexdigest()
    for lang in _LANGS:
        for kind in Kind:
            name = f"rankings/data/{kind.value}s-{lang}.csv"
            files[name] = _table(content, lang, kind)
        for large in (False, True):
            writer = _Writer(settings, content, front, lang, large=large)
            files |= writer.pages(digest)
        first = f"{lang}/index.html"
        files[first] = _Writer(settings, content, front, lang, large=False).start(first)
    files["index.html"] = _Writer(settings, content, front, "zh", large=False).start("index.html")
    return Release(files, canonical(_manifest(content, files)))


def _manifest(content: Content, files: Mapping[str, bytes]) -> dict[str, Any]:
    publication = content.publication
    return {
        "version": 1,
        "sequence": publication.sequence,
        "previous": content.previous_hash,
        "round": publication.round_code,
        "published_at": publication.published_at.astimezone(dt.UTC).isoformat(),
        "rulebook_hash": content.rulebook_hash,
        "lists": [
            {"code": each.code, "kind": each.kind.value, "input_hash": each.input_hash}
            for each in content.lists
        ],
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(files.items())},
    }


def public_data(content: Content) -> dict[str, Any]:
    """Return the public layer: from it a stranger recomputes every score and place."""
    ranking = content.rulebook.ranking
    publication = content.publication
    return {
        "version": 1,
        "sequence": publication.sequence,
        "round": publication.round_code,
        "title": {"zh": publication.title, "en": publication.title_en},
        "published_at": publication.published_at.astimezone(dt.UTC).isoformat(),
        "rulebook_hash": content.rulebook_hash,
        "rules": msgspec.to_builtins(ranking),
        "minimum_visitors": content.rulebook.publication.minimum_visitors,
        "peer_groups": [
            {"key": group.key, "zh": group.text.zh, "en": group.text.en}
            for group in content.rulebook.peer_groups
        ],
        "lists": msgspec.to_builtins(content.lists),
        "answers": [
            {"unit": each.unit_code, "text": each.text, "reply": each.reply}
            for each in content.answers.values()
        ],
    }


def _table(content: Content, lang: Lang, kind: Kind) -> bytes:
    """Return the lists of a kind as a table."""

    def say(text: str) -> str:
        return gettext(lang, text)

    header = [
        say(text)
        for text in (
            "Peer group", "Rank", "Standing", "Public code", "Unit or window", "Unit", "Score",
            "Interval from", "Interval to", "Counted visits", "Visitors", "Under the gate",
        )
    ]  # fmt: skip
    return csv_file(
        header,
        (
            [
                standings.group_name(content.rulebook, row.group, lang),
                say("ranking.provisional") if row.provisional else row.place,
                say(f"ranking.standing.{row.standing.value}"),
                row.code,
                standings.called(row.name, row.name_en, lang),
                standings.called(row.unit_name, row.unit_name_en, lang),
                *(standings.plain(value) for value in (row.score, row.low, row.high)),
                row.visits,
                row.visitors,
                say("yes") if row.under_gate else "",
            ]
            for each in content.lists
            if each.kind is kind
            for row in each.rows
        ),
    )


class _Writer:
    """Renders the pages of one language and size."""

    def __init__(
        self,
        settings: Settings,
        content: Content,
        front: assets.Assets,
        lang: Lang,
        *,
        large: bool,
    ) -> None:
        """Keep what all pages share."""
        self._settings = settings
        self._content = content
        self._front = front
        self._env = environment(front)
        self._lang = lang
        self._large = large

    def _path(self, name: str, lang: Lang | None = None, *, large: bool | None = None) -> str:
        """Return where a page stands in the release; the empty name is the page of all lists."""
        size = "-large" if (self._large if large is None else large) else ""
        tree = f"{lang or self._lang}/rankings{size}"
        return f"{tree}/{name}.html" if name else f"{tree}.html"

    def pages(self, digest: str) -> dict[str, bytes]:
        """Render every page: lists, units, windows, the method, the names, earlier periods."""
        content = self._content
        files: dict[str, bytes] = {}
        for each in standings.pages(
            content.lists, content.rulebook, self._lang, answers=content.answers
        ):
            files |= self._page(each.name, each.template, {**each.content, "digest": digest})
        return files

    def start(self, path: str) -> bytes:
        """Render a first page, where a static host begins; the service has its own there."""
        return self._render(path, "public/rankings/start.html", {"name": None})

    def _page(self, name: str, template: str, context: Mapping[str, Any]) -> dict[str, bytes]:
        path = self._path(name)
        return {path: self._render(path, template, {**context, "name": name})}

    def _render(self, path: str, template: str, context: Mapping[str, Any]) -> bytes:
        content = self._content

        def to(target: str) -> str:
            return posixpath.relpath(target, posixpath.dirname(path) or ".")

        def link(name: str) -> str:
            return to(self._path(name))

        def asset(name: str) -> str:
            hashed = self._front.url(name).removeprefix(self._front.prefix)
            return to(f"rankings/static/{hashed}")

        return render(
            self._env,
            template,
            self._stage(path, context["name"], to),
            content.publication.published_at,
            asset=asset,
            link=link,
            to=to,
            book=content.rulebook,
            publication=content.publication,
            previous_hash=content.previous_hash,
            rulebook_hash=content.rulebook_hash,
            input_hashes=sorted({each.input_hash for each in content.lists}),
            title=standings.called(
                content.publication.title, content.publication.title_en, self._lang
            ),
            group_name=lambda key: standings.group_name(content.rulebook, key, self._lang),
            called=lambda name, name_en: standings.called(name, name_en, self._lang),
            faults=[],
            **{key: value for key, value in context.items() if key != "name"},
        ).encode()

    def _stage(self, path: str, name: str | None, to: Any) -> Stage:
        lang = self._lang
        settings = self._settings
        other: Lang = "en" if lang == "zh" else "zh"
        home = to(f"{lang}/index.html").removesuffix("index.html") or "./"
        entries = (("", "Rankings"), ("names", "Find by name"), ("method", "How it is computed"))
        return Stage(
            lang=lang,
            html_lang=HTML_LANG[lang],
            large=self._large,
            path=path,
            query="",
            audience="public",
            who=None,
            nav=[
                Link(home, gettext(lang, "Start page"), name is None),
                *(
                    Link(to(self._path(page)), gettext(lang, label), page == name)
                    for page, label in entries
                ),
            ],
            phone=settings.phone,
            city=settings.city_en if lang == "en" else settings.city,
            csrf_input="",
            switch_lang_url=to(self._path(name or "", other)),
            switch_large_url=to(self._path(name or "", large=not self._large)),
            home_url=home,
        )


def store(folder: Path, release: Release) -> Path:
    """Write a release with its pressed twins beside the others, and move it in at one stroke."""
    final = folder / release.hash
    if final.is_dir():
        return final
    making = folder / f".{release.hash}.{entropy.token()[:8]}"
    everything = {
        **release.files,
        "manifest.json": release.manifest,
        "manifest.sha256": f"{release.hash}  manifest.json\n".encode(),
    }
    for name, body in everything.items():
        path = making / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        path.with_name(path.name + ".br").write_bytes(brotli.compress(body, quality=_BROTLI))
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, _GZIP, mtime=0))
    if os.name == "posix":
        os.sync()  # the hash is recorded next, and must not outlive its files at a power cut
    try:
        making.rename(final)
    except OSError:  # another writer of the same files was faster
        if not final.is_dir():
            raise
        shutil.rmtree(making)
    return final


def point(folder: Path, name: str) -> None:
    """Make a release the latest one by an atomic rename."""
    latest = folder / LATEST
    if latest.is_symlink() and latest.readlink().name == name:
        return
    if not (folder / name).is_dir():
        return
    fresh = folder / f".{LATEST}.{entropy.token()[:8]}"
    fresh.symlink_to(name, target_is_directory=True)
    fresh.replace(latest)
