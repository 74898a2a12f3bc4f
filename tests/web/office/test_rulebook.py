"""Measures at the office's desk: written on pages, tried on the last round, approved by another."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from panel.db import Engine
from panel.rulebook import commands, queries, rules
from panel.rulebook.types import DraftState, DraftView, RulebookState
from tests import people
from tests.make.rulebook import AT, DEFAULT, approved
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
BASE = "/office/rulebooks"


class Fields(HTMLParser):
    """The fields of the page's longest form, as a browser would send them."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._area = self._select = ""
        self._first = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in inputs, text areas and selects."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name and self.forms:
            ticked = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if ticked and given.get("type") != "file":
                self.forms[-1].setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.forms[-1].setdefault(name, []).append("")
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and self._select:
            if self._first or "selected" in given:
                self.forms[-1][self._select] = [given.get("value", "")]
            self._first = False

    def handle_endtag(self, tag: str) -> None:
        """Leave a field."""
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        """Take in the text of an area."""
        if self._area:
            self.forms[-1][self._area][-1] += data

    @property
    def longest(self) -> dict[str, list[str]]:
        """Return the fields of the form with most of them."""
        found = max(self.forms, key=len)
        return {name: values for name, values in found.items() if name != "csrf"}


async def typed(browser: Browser, url: str) -> dict[str, list[str]]:
    """Return what a browser would send from a page without changing anything."""
    answer = await browser.get(url)
    assert answer.status_code == 200, url
    return Fields(answer.text).longest


async def started(toml: str = DEFAULT) -> DraftView:
    """Return a draft of the default measures."""
    return await commands.start(people.coordinator, toml, at=AT)


async def reread(draft: DraftView) -> DraftView:
    """Return a draft as it is now."""
    return await queries.draft(draft.code)


def pages_of(draft: DraftView) -> list[str]:
    """Return every page of a draft with a form that saves it."""
    url = f"{BASE}/drafts/{draft.code}"
    found = [f"{url}/groups", *(f"{url}/numbers/{chapter}" for chapter in queries.CHAPTERS)]
    for form in draft.rulebook.forms:
        here = f"{url}/forms/{form.key}"
        found.append(here)
        found += [f"{here}/sections/{section.id}" for section in form.sections]
        found += [f"{here}/items/{item.id}" for item in form.items]
        found += [f"{here}/vetoes/{veto.id}" for veto in form.vetoes]
    return found


@pytest.mark.engines("sqlite")
async def test_pages_saved_as_they_came_give_the_same_hash_as_the_file(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    assert draft.hash == rules.fingerprint(rules.content(rules.read(DEFAULT)))
    browser = browse(people.coordinator)
    for url in pages_of(draft):
        answer = await browser.post_form(url, await typed(browser, url))
        assert answer.status_code == 303, f"{url} {answer.text[:2000]}"
    basics = {
        name: value
        for form in Fields((await browser.get(f"{BASE}/drafts/{draft.code}")).text).forms
        if "edition" in form
        for name, value in form.items()
        if name != "csrf"
    }
    answer = await browser.post_form(f"{BASE}/drafts/{draft.code}/basics", basics)
    assert answer.status_code == 303
    after = await reread(draft)
    assert after.hash == draft.hash
    saved = await browser.get(f"{BASE}/drafts/{draft.code}/measures.toml")
    assert rules.fingerprint(rules.content(rules.read(saved.text))) == draft.hash
    opened = await browser.post_form(BASE, {"toml": saved.text, "as": "draft"})
    assert opened.status_code == 303
    assert {each.hash for each in await queries.drafts()} == {draft.hash}
