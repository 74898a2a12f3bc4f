"""Measures at the office's desk: written on pages, tried on the last round, approved by another."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from panel.db import Engine
from panel.rulebook import commands, queries, rules
from panel.rulebook.types import DraftView
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
    found += [f"{url}/rows/{chapter}" for chapter in queries.LISTS]
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


URL = "/office/rulebooks/drafts"


async def shown(browser: Browser, url: str) -> str:
    """Return a page that must be there."""
    answer = await browser.get(url, follow_redirects=True)
    assert answer.status_code == 200, f"{url} {answer.status_code}"
    return answer.text


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_of_a_draft_is_there_in_both_languages(
    engine: Engine, browse: Browse, lang: str
) -> None:
    await approved()
    version = await queries.current()
    draft = await commands.start(people.coordinator, based_on=version.code, at=AT)
    browser = browse(people.coordinator, lang=lang)
    base = f"{URL}/{draft.code}"
    form = f"{base}/forms/window"
    for url in (
        BASE, f"{BASE}/new", base, f"{base}/dry-run", f"{BASE}/{version.code}",
        f"{form}/preview", f"{form}/preview?mode=open", f"{form}/preview?mode=revisit",
    ):  # fmt: skip
        assert "measures." not in re.sub(r'(?:href|action)="[^"]*"', "", await shown(browser, url))


async def test_faults_stand_at_the_field_that_mends_them(engine: Engine, browse: Browse) -> None:
    draft = await started()
    browser = browse(people.coordinator, lang="en")
    form = f"{URL}/{draft.code}/forms/window"
    head = await typed(browser, form)
    added = await browser.post_form(form, {**head, "add_item": "A"})
    assert added.headers["location"] == f"{form}/items/A4"
    page = await shown(browser, f"{form}/items/A4")
    for field in ("text-zh", "anchor-4-zh", "anchor-0-zh", "case-window_registry"):
        assert f'href="#f-{field}"' in page
        assert f'id="f-{field}-fault"' in page
    overview = html.unescape(await shown(browser, f"{URL}/{draft.code}"))
    assert f'href="{form}/items/A4"' in overview
    assert "the weights sum to 101, not to 100" in await shown(browser, form)
    refused = await browser.post_form(f"{URL}/{draft.code}/propose", {})
    assert refused.headers["location"].endswith("#faults")
    assert await queries.versions() == []


async def test_the_sum_follows_the_typing_and_nothing_is_saved(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser = browse(people.coordinator, lang="en")
    form = f"{URL}/{draft.code}/forms/window"
    head = await typed(browser, form)
    for text, said in (("4", "exactly 100"), ("1", "97, 3 to give"), ("x", "96, 4 to give"),
                       ("9", "105, 5 too many")):  # fmt: skip
        answer = await browser.post_form(
            f"{form}/sum", {**head, "weights.A1": text}, headers={"HX-Request": "true"}
        )
        assert said in answer.text
        assert "<html" not in answer.text
    assert (await reread(draft)).revision == 0


async def test_a_weight_that_is_no_number_is_refused_with_everything_typed(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser = browse(people.coordinator, lang="en")
    form = f"{URL}/{draft.code}/forms/window"
    head = await typed(browser, form)
    answer = await browser.post_form(form, {**head, "weights.A1": "four", "weights.A2": "8"})
    assert answer.status_code == 422
    assert 'value="four"' in answer.text
    assert Fields(answer.text).longest["weights.A2"] == ["8"]
    assert (await reread(draft)).revision == 0


async def test_moving_an_item_keeps_the_weights_typed_meanwhile(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser = browse(people.coordinator)
    form = f"{URL}/{draft.code}/forms/window"
    head = await typed(browser, form)
    answer = await browser.post_form(form, {**head, "weights.A1": "3", "move": "item:A1:1"})
    assert answer.status_code == 303
    items = (await reread(draft)).rulebook.form("window").items
    assert [(item.id, item.weight) for item in items][:2] == [("A2", 6), ("A1", 3)]


async def test_an_older_page_does_not_write_over_a_newer_one(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser, other = browse(people.coordinator, lang="en"), browse(people.second)
    url = f"{URL}/{draft.code}/forms/window/sections/A"
    mine = await typed(browser, url)
    theirs = await typed(other, url)
    assert (await other.post_form(url, {**theirs, "text.zh": "环境"})).status_code == 303
    late = await browser.post_form(url, {**mine, "text.zh": "公开"})
    assert late.status_code == 422
    assert "Somebody else saved this meanwhile" in late.text
    assert 'value="公开"' in late.text
    again = {**Fields(late.text).longest, "text.zh": "公开"}
    assert (await browser.post_form(url, again)).status_code == 303
    assert (await reread(draft)).rulebook.form("window").sections[0].text.zh == "公开"


async def test_the_preview_is_the_members_own_page_in_a_frame_that_runs_nothing(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser = browse(people.coordinator, lang="en")
    form = f"{URL}/{draft.code}/forms/window"
    page = await shown(browser, f"{form}/preview")
    frame = re.search(r'<iframe[^>]*srcdoc="([^"]*)"', page)
    assert frame is not None
    inside = html.unescape(frame[1])
    assert 'sandbox="allow-same-origin"' in page
    assert "<script" not in inside
    for item in draft.rulebook.form("window").items:
        asked = f'name="items.{item.id}"' in inside
        assert asked is not item.revisit_only, item.id
    assert 'name="items.E3"' in html.unescape(await shown(browser, f"{form}/preview?mode=revisit"))


async def test_from_a_draft_to_the_measures_in_force(engine: Engine, browse: Browse) -> None:
    first = await approved()
    author, second = browse(people.coordinator, lang="en"), browse(people.second, lang="en")
    begun = await author.post_form(URL, {"based_on": first.code})
    draft_url = begun.headers["location"]
    rounds = f"{draft_url}/numbers/rounds"
    fields = {**await typed(author, rounds), "grace_days": "5", "visit_cost_hundredths": "35.50"}
    assert (await author.post_form(rounds, fields)).status_code == 303
    tried = await author.post_form(f"{draft_url}/dry-run", {})
    assert "No round is over yet" in await shown(author, tried.headers["location"])
    proposed = (await author.post_form(f"{draft_url}/propose", {})).headers["location"]
    url = proposed.partition("?")[0]
    page = await shown(second, url)
    assert "Days of grace after a round" in page
    assert "You wrote at this version" in await shown(author, url)
    own = await author.post_form(f"{url}/approve", {})
    assert own.status_code == 403
    empty = await second.post_form(f"{url}/give-back", {"reason": ""})
    assert empty.status_code == 422
    assert (await second.post_form(f"{url}/approve", {})).status_code == 303
    current = await queries.current()
    assert current.rulebook.rounds.grace_days == 5
    assert current.rulebook.rounds.visit_cost_hundredths == 3550
    public = await shown(browse(), "/en/measures")
    assert current.hash in public
    assert "35.50 yuan" in public


async def test_what_was_given_back_never_stands_on_the_public_page(
    engine: Engine, browse: Browse
) -> None:
    first = await approved()
    changed = DEFAULT.replace("grace_days = 7", "grace_days = 3")
    version = await commands.propose(people.coordinator, changed, at=AT)
    await commands.give_back(people.second, version.code, "太短", at=AT)
    public = browse()
    assert version.hash not in await shown(public, "/zh/measures")
    for name in (version.hash, f"{version.hash}.json"):
        assert (await public.get(f"/zh/measures/{name}")).status_code == 404
    assert (await public.get(f"/zh/measures/{first.hash}.json")).status_code == 200


async def test_a_file_with_faults_is_no_draft_but_named_by_its_places(
    engine: Engine, browse: Browse
) -> None:
    browser = browse(people.coordinator, lang="en")
    answer = await browser.post_form(
        BASE, {"toml": DEFAULT.replace("double_percent = 4", "double_percent = 400"), "as": "draft"}
    )
    assert answer.status_code == 422
    assert "rounds.double_percent" in answer.text
    assert await queries.drafts() == []


async def test_a_peer_group_gets_its_own_sheet(engine: Engine, browse: Browse) -> None:
    draft = await started()
    browser = browse(people.coordinator, lang="en")
    url = f"{URL}/{draft.code}"
    added = await browser.post_form(
        f"{url}/forms", {"copy_of": "window", "form.zh": "医院窗口评议表", "key": "hospital"}
    )
    assert added.status_code == 303
    taken = await browser.post_form(
        f"{url}/forms", {"copy_of": "window", "form.zh": "又一张", "key": "hospital"}
    )
    assert taken.status_code == 422
    fields = await typed(browser, f"{url}/groups")
    more = {"groups[2].form": "hospital", "groups[4].key": "clinic", "groups[4].zh": "诊所",
            "groups[4].form": "hospital", "groups[3].gone": "yes"}  # fmt: skip
    assert (await browser.post_form(f"{url}/groups", {**fields, **more})).status_code == 303
    groups = (await reread(draft)).rulebook.peer_groups
    assert [(group.key, group.form) for group in groups][2:] == [
        ("utility", "hospital"), ("clinic", "hospital"),
    ]  # fmt: skip


@pytest.mark.engines("sqlite")
async def test_what_is_chosen_is_offered_as_a_list(engine: Engine, browse: Browse) -> None:
    desk = browse(people.coordinator, lang="en")
    draft = await started()
    url = f"{BASE}/drafts/{draft.code}/numbers/assessment"
    page = (await desk.get(url)).text
    assert "A hundred less deductions" in page
    fields = {**await typed(desk, url), "formula": "public_work"}
    assert (await desk.post_form(url, fields)).status_code == 303
    assert (await reread(draft)).rulebook.assessment.formula == "public_work"
    wrong = await desk.post_form(url, {**await typed(desk, url), "formula": "guess"})
    assert wrong.status_code == 422
