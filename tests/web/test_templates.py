"""Every template parses, holds no inline code or style, and its texts stand in both catalogues."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec
import pytest
from babel.messages.pofile import read_po
from minijinja import Environment

from panel import clock
from web.assets import JOINED, STATIC, Assets
from web.i18n import FOLDER, HTML_LANG, LOCALES, Lang, catalogue, gettext
from web.pages import TEMPLATES, Flash, Link, Stage, environment, render

FILES = sorted(TEMPLATES.rglob("*.html"))
FORBIDDEN = {
    "inline script": r"<script(?![^>]*\bsrc=)",
    "inline style": r"<style\b|\sstyle\s*=",
    "handler": r"\son[a-z]+\s*=",
    "hx-on": r"hx-on",
    "js value": r"=\s*[\"'](?:js|javascript):",
    "trigger filter": r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)",
}
TEXT = r"\b_\(\s*\"((?:[^\"\\]|\\.)*)\"\s*[,)]"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
ASSETS = Assets(
    {name: name.encode() for name in ("app.css", "app.js", "htmx.js", "icon.svg", "member.js")}
)


def inline(source: str) -> list[str]:
    """Name what the content policy would refuse in a template."""
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, bare)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_parses_and_holds_nothing_inline(path: Path) -> None:
    source = path.read_text("utf-8")
    Environment().add_template(path.name, source)
    assert inline(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "<script>1</script>",
        "<style>a{}</style>",
        '<p style="x">',
        '<a onclick="x">',
        '<p{% if a %} onload="x"{% endif %}>',
        '<form hx-on:click="x">',
        "<p hx-vals='js:{}'>",
        '<a href="javascript:x">',
        '<p hx-trigger="click[ctrlKey]">',
    ],
)
def test_inline_code_is_found(source: str) -> None:
    assert inline(source)


def test_lawful_markup_is_left_alone() -> None:
    lawful = (
        '{% set one = 1 %}<script src="{{ asset("a") }}" defer></script><p hx-trigger="change">'
    )
    assert inline(lawful) == []


def test_every_text_of_a_template_stands_in_both_catalogues() -> None:
    missing = [
        f"{lang} {path.relative_to(TEMPLATES)}: {text}"
        for path in FILES
        for text in re.findall(TEXT, COMMENT.sub("", path.read_text("utf-8")))
        for lang in LOCALES
        if text not in catalogue(lang)
    ]
    assert missing == []


def messages(lang: Lang) -> list[tuple[str, Any]]:
    """Read every message of a language with the name of its area."""
    found = []
    for path in sorted((FOLDER / LOCALES[lang] / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found += [(path.stem, m) for m in read_po(file, abort_invalid=True) if m.id]
    return found


def test_both_catalogues_are_whole_and_sure() -> None:
    known = {lang: {(area, message.id) for area, message in messages(lang)} for lang in LOCALES}
    assert known["zh"] == known["en"]
    for lang in LOCALES:
        for area, message in messages(lang):
            assert message.string, f"{area}: {message.id} has no text"
            assert not message.fuzzy, f"{area}: {message.id} is fuzzy"


def test_a_text_means_the_same_in_every_area() -> None:
    for lang in LOCALES:
        texts: dict[str, tuple[str, str]] = {}
        for area, message in messages(lang):
            other, text = texts.setdefault(message.id, (area, message.string))
            assert text == message.string, f"{message.id}: {other} and {area} differ"


def fields(text: str) -> set[str]:
    """Name the placeholders of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_fill_the_same_places() -> None:
    for text, chinese in catalogue("zh").items():
        assert fields(chinese) == fields(catalogue("en")[text]), text


def test_chinese_texts_have_full_width_punctuation() -> None:
    wrong = r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]"
    assert [text for text in catalogue("zh").values() if re.search(wrong, text)] == []


# The frame and its parts, rendered as pages render them.


def stage(lang: Lang = "zh", **more: Any) -> Stage:
    """Return what a member's page shows."""
    given: dict[str, Any] = {
        "lang": lang, "html_lang": HTML_LANG[lang], "large": False, "path": "/m/tasks",
        "query": "", "audience": "member", "who": "0387",
        "nav": [Link(url="/m/tasks", label="A&B", current=True)],
        "phone": "0537 123", "city": "济宁市", "csrf_input": '<input name="csrf" value="t">',
        "switch_lang_url": "/prefer?lang=en&next=x", "switch_large_url": "/prefer?large=1",
    }  # fmt: skip
    return Stage(**(given | more))


def show(body: str, on: Stage | None = None, imports: str = "", **context: Any) -> str:
    """Render a page whose main block is the text."""
    env = environment(ASSETS)
    env.add_template(
        "page.html",
        '{% extends "base.html" %}' + imports + "{% block title %}T & T{% endblock %}"
        "{% block main %}" + body + "{% endblock %}",
    )
    return render(env, "page.html", on or stage(), clock.now(), **context)


FORMS = (
    '{% from "_parts/forms.html" import error_summary, form, text, textarea, select, radios, '
    "checkboxes, checkbox, file, date_field, number_field, submit, question, saved %}"
)


def test_a_page_names_its_language_its_telephone_and_where_one_is() -> None:
    html = show("x")
    assert '<html lang="zh-CN">' in html
    assert "0537 123" in html
    assert 'aria-current="page">A&amp;B</a>' in html
    assert "<title>T &amp; T" not in html  # the author of a title escapes its own text
    assert ASSETS.url("member.js") in html.replace("&#x2f;", "/")


def test_large_mode_english_and_a_public_page() -> None:
    html = show("x", stage("en", large=True, audience="public", nav=[], who=None, phone=""))
    assert '<html lang="en" class="large">' in html
    assert ">中文</a>" in html
    assert "Standard text" in html
    assert "htmx" not in html
    assert "tel:" not in html


def test_a_message_stands_over_the_page() -> None:
    html = show("x", stage(flash=Flash("good", "<已保存>")))
    assert 'class="notice good" role="status"' in html
    assert "&lt;已保存&gt;" in html


def test_a_fault_is_said_at_the_top_at_its_field_and_in_the_title() -> None:
    faults = [{"path": "phone", "text": "手机号应为 11 位数字"}, {"path": "", "text": "整张表"}]
    body = '{{ error_summary() }}{{ text("phone", "手机", "13<8", hint="提示") }}'
    html = show(body, imports=FORMS, faults=faults)
    assert "<title>错误：" in html
    assert '<a href="#f-phone">手机号应为 11 位数字</a>' in html
    assert "<li>整张表</li>" in html
    assert 'aria-describedby="f-phone-hint f-phone-fault" aria-invalid="true"' in html
    assert 'value="13&lt;8"' in html
    assert html.count("手机号应为 11 位数字") == 2


def test_a_page_without_faults_says_nothing_of_errors() -> None:
    html = show('{{ error_summary() }}{{ text("phone", "手机") }}', imports=FORMS, faults=[])
    assert "错误" not in html
    assert "aria-invalid" not in html
    assert 'class="faults"' not in html


def test_a_posted_form_carries_its_token_once_and_a_search_none() -> None:
    posted = show('{% call form("/x") %}y{% endcall %}', imports=FORMS)
    assert posted.count('name="csrf"') == 1
    assert 'name="csrf"' not in show(
        '{% call form("/x", method="get") %}y{% endcall %}', imports=FORMS
    )


def test_each_field_has_a_label_and_keeps_what_was_typed() -> None:
    html = show(
        '{{ textarea("note", "备注", "旧") }}{{ select("s", "选", choices, "2") }}'
        '{{ radios("r", "问", choices, 2) }}{{ checkboxes("c", "多选", choices, [1, 2]) }}'
        '{{ checkbox("ok", "同意", true) }}{{ file("f", "文件") }}{{ date_field("d", "日", none) }}'
        '{{ number_field("n", "数", 5, suffix="年") }}{{ submit("保存", key="s") }}',
        imports=FORMS,
        choices=[{"value": 1, "label": "一"}, {"value": 2, "label": "二", "hint": "注"}],
    )
    for name in ("note", "s", "f", "d", "n"):
        assert f'<label for="f-{name}">' in html
    assert ">旧</textarea>" in html
    assert '<option value="2" selected>' in html
    assert html.count(" checked>") == 4
    assert html.count("<fieldset") == html.count("<legend>") == 2
    assert "placeholder" not in html
    assert "disabled" not in html


def test_a_question_asks_its_reason_where_the_answer_wants_one() -> None:
    choices = [{"value": n, "label": str(n), "why": n < 2} for n in range(5)]
    body = (
        '{{ question("q1", 1, "态度", choices, value=0, why_name="q1_why", why_value="冷漠", '
        'unseen={"value": "na", "label": "没有看到"}) }}'
    )
    html = show(body, imports=FORMS, choices=choices)
    assert html.count("data-why") == 2
    assert html.count('type="radio"') == 6
    assert ">冷漠</textarea>" in html
    refused = show(
        body, imports=FORMS, choices=choices, faults=[{"path": "q1_why", "text": "请写明原因。"}]
    )
    assert 'class="why open"' in refused


def test_tables_lists_and_steps_say_what_is_empty() -> None:
    html = show(
        '{{ table([{"label": "单位"}, {"label": "分", "num": true}], '
        '[[{"url": "/u", "text": "<局>"}, none]]) }}{{ count(1200) }}{{ empty("没有任务") }}'
        '{{ summary_list([{"label": "姓名", "value": none}]) }}'
        '{{ chip("x.accepted", text="已接受") }}'
        '{{ pager(following="/2") }}{{ pager() }}{{ steps([{"title": "抽签", "state": "now"}]) }}',
        imports='{% from "_parts/tables.html" import table %}{% from "_parts/lists.html" import '
        "count, empty, summary_list, chip, pager %}"
        '{% from "_parts/nav.html" import steps %}',
    )
    assert '<th scope="row"><a href="&#x2f;u">&lt;局&gt;</a></th>' in html
    assert '<td data-label="分" class="num">—</td>' in html
    assert "共 1,200 条" in html
    assert "未填写" in html
    assert '<span class="chip good"><svg' in html
    assert html.count('class="pager"') == 1
    assert 'aria-current="step"' in html


def test_an_error_page_needs_no_session_and_names_the_incident() -> None:
    class Bare(msgspec.Struct):
        """All that is known when nothing else is."""

        lang: str = "zh"
        html_lang: str = "zh-CN"

    html = environment(ASSETS).render_template(
        "error.html",
        page=Bare(),
        _=lambda text, **values: gettext("zh", text, **values),
        title="服务出现故障",
        incident="7F3A",
    )
    assert "7F3A" in html
    assert "<h1>服务出现故障</h1>" in html
    fragment = environment(ASSETS).render_template(
        "_parts/error.html", _=lambda text, **values: gettext("en", text, **values), text="<no>"
    )
    assert 'role="alert"' in fragment
    assert "&lt;no&gt;" in fragment
    assert "<html" not in fragment


def test_own_files_of_the_pages_exist() -> None:
    wanted = set(re.findall(r"asset\('([^']+)'\)", (TEMPLATES / "base.html").read_text("utf-8")))
    assert wanted == {"app.css", "app.js", "htmx.js", "icon.svg", "member.js"}
    own = {path.name for path in STATIC.iterdir() if path.is_file()}
    assert own >= {*wanted, *JOINED["member.js"]} - {"htmx.js", "member.js"}
