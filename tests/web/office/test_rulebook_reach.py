"""Every value of the measures is edited on some page, or stands here with the reason why not."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec
import pytest

from panel.db import Engine
from panel.rulebook import queries, rules
from panel.rulebook.types import DraftView, Rulebook, Text
from tests import people
from tests.make.rulebook import approved
from tests.web.conftest import Browser
from tests.web.office.test_rulebook import BASE, URL, Browse, Fields, reread, started, typed

FILE_ONLY = {
    "deadlines[].key": "the service asks for limits by these names",
    "deadlines[].text": "names of limits that the service's own pages show",
    "forms[].key": "visits and files name a sheet by it; it is given when the sheet is added",
    "void_reasons": "each has words in both languages in the catalogues",
    "training.units[].key": "lessons are long texts with pictures of ours, written in one piece",
    "training.units[].title": "lessons",
    "training.units[].text": "lessons",
    "training.units[].picture": "lessons",
    "training.units[].link": "lessons",
    "training.questions[].key": "the quiz is written as one, with its right answers and reasons",
    "training.questions[].text": "quiz",
    "training.questions[].options": "quiz",
    "training.questions[].right": "quiz",
    "training.questions[].why": "quiz",
    "training.courses[].form": "a course is made with its sheet and goes with it",
    "training.courses[].cases[].key": "stories of training sheets; their answers have a page",
    "training.courses[].cases[].title": "stories",
    "training.courses[].cases[].text": "stories",
    "training.courses[].cases[].answers[].item": "follows the item it answers",
} | {
    f"training.courses[].{path}": "as in the part of the course that every sheet shares"
    for path in (
        "units[].key", "units[].title", "units[].text", "units[].picture", "units[].link",
        "questions[].key", "questions[].text", "questions[].options", "questions[].right",
        "questions[].why",
    )
}  # fmt: skip
"""What is changed in the file alone, and why."""

ASIDE = {"seen", "csrf", "section"}
"""Fields that edit no value: a page's own, and the section into which an item is moved."""
ITEMS = "forms[].sections[].items[]"
HEAD = {"weights": f"{ITEMS}.weight", "errand": "forms[].errands"}
CASE = "training.courses[].cases[].answers[]"


def leaves(type_: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every value below a type; a text is one value."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct) and type_ is not Text:
        for field in msgspec.structs.fields(type_):
            yield from leaves(field.type, f"{path}.{field.name}" if path else field.name)
        return
    inner = get_args(type_)[0] if get_origin(type_) is tuple else None
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner is not Text:
        yield from leaves(inner, f"{path}[]")
        return
    yield path


def value_of(name: str) -> str:
    """Return the field's own name: without its line and the language of its text."""
    return re.sub(r"^(rows|groups)\[\d+\]\.", "", name).removesuffix(".zh").removesuffix(".en")


def reached(url: str, name: str) -> str:
    """Return the path of the value that a page's field edits."""
    kind, _, chapter = url.removeprefix("/").partition("/")
    own = value_of(name)
    if kind == "numbers" and chapter == "deadlines":
        return "deadlines[].unit" if name.endswith(".unit") else "deadlines[].amount"
    if kind == "numbers":
        return f"{queries.path_of(chapter)}.{name.partition('.')[0]}".lstrip(".")
    if kind == "rows":
        return f"{queries.path_of(chapter)}[].{own}"
    if kind == "groups":
        return f"peer_groups[].{'text' if own in {'zh', 'en'} else own}"
    return _in_form(chapter, own) if kind == "forms" else own


def _in_form(chapter: str, own: str) -> str:
    part = chapter.split("/")[1] if "/" in chapter else ""
    if part == "sections":
        return f"forms[].sections[].{own}"
    if part == "vetoes":
        return f"forms[].vetoes[].{own}"
    if part == "items":
        if own.startswith("case."):
            return f"{CASE}.value"
        if own.startswith("anchor."):
            return f"{ITEMS}.anchors[].text"
        return f"{ITEMS}.{own}"
    return HEAD.get(own.partition(".")[0], f"forms[].{own}")


def pages_of(draft: DraftView) -> list[str]:
    """Return the pages of a draft that save something, one of each kind in a form."""
    form = draft.rulebook.forms[0]
    here = f"/forms/{form.key}"
    return [
        "/groups", *(f"/numbers/{chapter}" for chapter in queries.CHAPTERS),
        *(f"/rows/{chapter}" for chapter in queries.LISTS), here,
        f"{here}/sections/{form.sections[0].id}", f"{here}/items/{form.items[0].id}",
        f"{here}/vetoes/{form.vetoes[0].id}",
    ]  # fmt: skip


@pytest.mark.engines("sqlite")
async def test_every_value_of_the_measures_has_a_page_or_a_reason(
    engine: Engine, browse: Browse
) -> None:
    draft = await started()
    browser = browse(people.coordinator)
    found = {"edition", "title", "legal_basis"}
    basics = Fields((await browser.get(f"{URL}/{draft.code}")).text).forms
    assert any(found <= {value_of(name) for name in form} for form in basics)
    for url in pages_of(draft):
        page = (await browser.get(f"{URL}/{draft.code}{url}")).text
        main = page[page.index("<main") : page.index("</main>")]
        fields = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', main))
        found |= {reached(url, name) for name in fields if name not in ASIDE}
        if any(name.startswith("case.") and name.endswith(".zh") for name in fields):
            found.add(f"{CASE}.why")
    # The kind and value of an anchor follow the kind of its item.
    found.add(f"{ITEMS}.anchors[].value")
    every = set(leaves(Rulebook))
    assert every - found == set(FILE_ONLY)
    assert not set(FILE_ONLY) - every
    assert all(FILE_ONLY.values())


async def saved(browser: Browser, draft: DraftView, page: str, **changes: str) -> DraftView:
    """Save a page with some fields typed anew, and return the draft."""
    url = f"{URL}/{draft.code}/{page}"
    fields = {**await typed(browser, url), **{key: [text] for key, text in changes.items()}}
    answer = await browser.post_form(url, fields)
    assert answer.status_code == 303, answer.text[:3000]
    return await reread(draft)


async def test_shares_thresholds_and_limits_are_changed_like_in_the_file(
    engine: Engine, browse: Browse
) -> None:
    draft, browser = await started(), browse(people.coordinator, lang="en")
    draft = await saved(browser, draft, "numbers/public_work", public="60", visits="70")
    draft = await saved(browser, draft, "numbers/complaints", upheld="50", on_time="20")
    draft = await saved(browser, draft, "rows/thresholds", **{
        "rows[1].percent": "25", "rows[1].operator": ">", "rows[2].key": "warning",
        "rows[2].text.zh": "警示约谈", "rows[2].levels": "1", "rows[2].percent": "40",
        "rows[2].days": "10", "rows[2].action": "recommendation", "rows[2].option": "other",
    })  # fmt: skip
    draft = await saved(browser, draft, "numbers/deadlines", **{
        "review.unit": "workdays", "review": "4", "term_reminder": "90",
    })  # fmt: skip
    draft = await saved(browser, draft, "numbers/publication", **{
        "levels.window_ranking": "unit",
    })  # fmt: skip
    draft = await saved(browser, draft, "numbers/calendar", holidays="2027-01-01\n\n2027-02-06")
    draft = await saved(browser, draft, "numbers/conduct", **{"text.zh": "如实评议。"})
    draft = await saved(browser, draft, "rows/bands", **{
        "rows[3].gone": "yes", "rows[2].from_hundredths": "0",
    })  # fmt: skip
    book = draft.rulebook
    assert (book.assessment.public_work.public, book.assessment.complaints.upheld) == (60, 50)
    assert [each.operator for each in book.assessment.thresholds] == [">=", ">", ">="]
    assert book.assessment.thresholds[2].text.zh == "警示约谈"
    assert (book.deadline("review").amount, book.deadline("review").unit) == (4, "workdays")
    assert book.deadline("term_reminder").amount == 90
    assert book.publication.levels["window_ranking"] == "unit"
    assert [day.isoformat() for day in book.holidays] == ["2027-01-01", "2027-02-06"]
    assert (book.conduct.text.zh, len(book.bands)) == ("如实评议。", 3)
    assert draft.faults == ()
    file = await browser.get(f"{URL}/{draft.code}/measures.toml")
    assert rules.fingerprint(rules.content(rules.read(file.text))) == draft.hash


async def test_what_is_wrong_is_told_while_typing_and_nothing_is_saved(
    engine: Engine, browse: Browse
) -> None:
    draft, browser = await started(), browse(people.coordinator, lang="en")
    url = f"{URL}/{draft.code}"
    fields = await typed(browser, f"{url}/numbers/complaints")
    told = await browser.post_form(f"{url}/numbers/complaints/check", {**fields, "upheld": ["60"]})
    assert "20 too many" in told.text
    assert "sum to 120" in told.text
    good = await browser.post_form(f"{url}/numbers/complaints/check", fields)
    assert "Nothing is wrong with it" in good.text
    lines = await typed(browser, f"{url}/rows/quotas")
    sums = await browser.post_form(
        f"{url}/rows/quotas/check", {**lines, "rows[0].minimum_percent": ["99"]}
    )
    assert "category: at least" in sums.text
    assert 'class="fault"' in sums.text
    assert (await reread(draft)).hash == draft.hash


async def test_a_line_that_cannot_be_read_is_refused_with_everything_typed(
    engine: Engine, browse: Browse
) -> None:
    draft, browser = await started(), browse(people.coordinator, lang="en")
    url = f"{URL}/{draft.code}/rows/thresholds"
    fields = await typed(browser, url)
    refused = await browser.post_form(
        url, {**fields, "rows[0].percent": ["many"], "rows[1].text.en": ["Typed before"]}
    )
    assert refused.status_code == 422
    assert 'value="many"' in refused.text
    assert "Typed before" in refused.text
    assert 'href="#f-rows-0-percent"' in refused.text
    day = f"{URL}/{draft.code}/numbers/calendar"
    refused = await browser.post_form(day, {**await typed(browser, day), "holidays": ["someday"]})
    assert refused.status_code == 422
    assert 'href="#f-holidays"' in refused.text
    assert "someday" in refused.text
    assert (await reread(draft)).hash == draft.hash
    assert (await browser.get(f"{URL}/{draft.code}/rows/nothing")).status_code == 404
    assert (await browser.get(f"{URL}/{draft.code}/numbers/nothing")).status_code == 404
    assert (await browser.get(BASE)).status_code == 200


async def test_a_fault_of_the_draft_leads_to_the_line_that_mends_it(
    engine: Engine, browse: Browse
) -> None:
    draft, browser = await started(), browse(people.coordinator, lang="en")
    draft = await saved(browser, draft, "rows/thresholds", **{"rows[0].levels": "9"})
    assert [fault.path for fault in draft.faults] == ["assessment.thresholds[0].levels"]
    url = f"{URL}/{draft.code}"
    assert f'href="{url}/rows/thresholds"' in html.unescape((await browser.get(url)).text)
    page = (await browser.get(f"{url}/rows/thresholds")).text
    assert 'id="f-rows-0-levels-fault"' in page


async def test_everybody_reads_the_measures_and_auditors_alone_the_answers(
    engine: Engine, browse: Browse
) -> None:
    version = await approved()
    public = await browse(people.stranger).get(f"/zh/measures/{version.hash}.json")
    tree = public.json()
    assert tree["answers"]["whole"] == version.hash
    assert '"right"' not in public.text
    assert tree["ranking"]["list_size"] == version.rulebook.ranking.list_size
    url = f"{BASE}/{version.code}/measures.json"
    whole = await browse(people.auditor).get(url)
    assert rules.fingerprint(whole.text) == version.hash
    assert (await browse(people.reviewer).get(url)).status_code == 403
