"""The pages of a release, rendered with links that work wherever the folder stands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from minijinja import safe

from panel.rankings.types import Kind, ReleaseStatus
from panel.settings import Settings
from web import assets, standings
from web.i18n import HTML_LANG, Lang, date, gettext
from web.pages import Flash, Link, Stage, environment, render
from web.release.content import Content

OVERLAY: Final = "rankings/overlay"
"""Folder beside the files that no digest covers."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]+")


class Writer:
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
        """Render every page: lists, units, windows, method, names, corrections, big screen."""
        content = self._content
        files: dict[str, bytes] = {}
        for each in standings.pages(
            content.lists,
            content.rulebook,
            self._lang,
            around=content.around,
            answers=content.answers,
        ):
            files |= self._page(each.name, each.template, {**each.content, "digest": digest})
        files |= self._page("verify", _template("verify"), {"edition": content.edition})
        files |= self._page("corrections", _template("corrections"), {"errata": content.errata})
        for number, one in enumerate(self._screens()):
            files |= self._page(f"screen/{number + 1}", _template("screen"), one)
        return files

    def _screens(self) -> list[dict[str, Any]]:
        """Return one screen for each list of units that names first and last; each leads on."""
        content = self._content
        shown = [
            standings.shown_list(one, content.rulebook, self._lang, content.around)
            for one in content.lists
            if one.kind is Kind.UNIT
        ]
        named = [each for each in shown if each["highest"] or each["lowest"]] or shown[:1]
        return [
            {**each, "next": f"screen/{place % len(named) + 1}", "screens": len(named)}
            for place, each in enumerate(named, 1)
        ]

    def start(self, path: str) -> bytes:
        """Render a first page, where a static host begins; the service has its own there."""
        return self._render(path, "public/rankings/start.html", {"name": None})

    def aside(self, path: str, template: str, context: Mapping[str, Any]) -> bytes:
        """Render a page that stands beside the files."""
        return self._render(path, _template(template), {**context, "name": ""})

    def _page(self, name: str, template: str, context: Mapping[str, Any]) -> dict[str, bytes]:
        path = self._path(name)
        return {path: self._render(path, template, {**context, "name": name})}

    def _render(self, path: str, template: str, context: Mapping[str, Any]) -> bytes:
        content = self._content

        def to(target: str) -> str:
            return _relative(target, posixpath.dirname(path))

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
            overlay=to(f"{OVERLAY}/overlay.css"),
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
        entries = [("", "Rankings"), ("names", "Find by name"), ("method", "How it is computed")]
        entries.append(("verify", "Verify it yourself"))
        if self._content.errata:
            entries.append(("corrections", "Corrections"))
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
            flash=self._flash(),
        )

    def _flash(self) -> Flash | None:
        """Return what stands over every page: that nothing is final yet, or what was corrected."""
        content, lang = self._content, self._lang
        publication = content.publication
        if publication.status is ReleaseStatus.NOTICE:
            until = content.ranking.notice_until
            text = gettext(
                lang,
                "In public notice until {day}. Nothing here is final; anybody may object.",
                day=date(lang, until) if until else "—",
            )
            return Flash("attention", text)
        if publication.status is ReleaseStatus.CORRECTION and content.errata:
            text = gettext(
                lang,
                "Corrected on {day}: {reason}",
                day=date(lang, publication.published_at),
                reason=content.errata[-1].reason,
            )
            return Flash("attention", text)
        return None


@lru_cache(maxsize=8192)
def _relative(target: str, folder: str) -> str:
    """Return the link from a folder of the release; thousands of pages ask for the same ones.

    It holds codes and our own names alone: escaped, each slash would take six bytes.
    """
    found = posixpath.relpath(target, folder or ".")
    return safe(found) if _PLAIN.fullmatch(found) else found


def _template(name: str) -> str:
    return f"public/rankings/{name}.html"
