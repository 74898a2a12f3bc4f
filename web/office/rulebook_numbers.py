"""Numbers and lists of a draft: a page for each chapter, checked while it is typed."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Conflict, Fault, Invalid
from panel.rulebook import queries
from panel.rulebook.types import DraftView, Edit, Numbers, Rows
from web import errors, forms
from web.office.rulebook_drafts import BASE, READING, WRITING, address, open_draft, save, told
from web.pages import Request, page, redirect
from web.text import measures

NUMBERS = f"{BASE}/numbers/{{chapter:str}}"
ROWS = f"{BASE}/rows/{{chapter:str}}"
_DIGITS = 6
_MOST = 200
"""Lines of one list."""


@get(NUMBERS, roles=READING)
async def numbers(request: Request, code: FromPath[str], chapter: FromPath[str]) -> Response[Any]:
    """Show the bounds of a chapter."""
    return _numbers(request, await open_draft(code), chapter)


def _numbers(
    request: Request,
    draft: DraftView,
    chapter: str,
    *,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    rows = measures.rows(request.lang, draft.rulebook, chapter)
    for row in rows:
        if typed is not None:
            row["value"] = typed.text(row["name"])
    return page(
        request,
        "office/rulebook/numbers.html",
        status=422 if faults else 200,
        url=address(draft),
        chapter=chapter,
        rows=rows,
        labels={row["name"]: row["label"] for row in rows},
        seen=queries.seen(draft.rulebook, Numbers(chapter, {})),
        sum=_sum(chapter, {row["name"]: row["value"] for row in rows}),
        wrong=[],
        faults=faults or _told(request, draft, chapter),
    )


def _told(request: Request, draft: DraftView, chapter: str) -> list[dict[str, str]]:
    """Return the faults of a chapter, each at the field of the page that it is about."""
    if chapter == "deadlines":
        fields = {
            f"[{place}].amount": deadline.key
            for place, deadline in enumerate(draft.rulebook.deadlines)
        }
    else:
        names = queries.bounds(draft.rulebook, chapter)
        fields = {name: name for name in names} | {
            name.removesuffix(".zh"): name for name in names if name.endswith(".zh")
        }
    return told(request, draft, queries.path_of(chapter), fields)


def _sum(chapter: str, typed: dict[str, str]) -> int | None:
    """Return the sum of shares that can be read; None where nothing has to sum to 100."""
    if chapter not in queries.SHARES:
        return None
    return sum(int(each) for each in typed.values() if each.isdecimal() and len(each) < _DIGITS)


@post(f"{NUMBERS}/check", roles=WRITING, status_code=200)
async def check_numbers(
    request: Request, code: FromPath[str], chapter: FromPath[str]
) -> Response[Any]:
    """Tell what would be wrong with the numbers as they are typed, without saving them."""
    form, draft = await forms.fields(request), await open_draft(code)
    names = queries.bounds(draft.rulebook, chapter)
    try:
        change = Numbers(chapter, measures.read(form, draft.rulebook, chapter))
        wrong = _told(request, queries.tried_out(draft, change), chapter)
    except Invalid as refusal:
        wrong = errors.texts(request, refusal)
    labels = {name: row["label"] for name, row in zip(
        names, measures.rows(request.lang, draft.rulebook, chapter), strict=True
    )}  # fmt: skip
    return page(
        request,
        "office/rulebook/_check.html",
        sum=_sum(chapter, {name: form.text(name) for name in names}),
        wrong=[{**each, "label": labels.get(each["path"], "")} for each in wrong],
        checked=True,
    )


@post(NUMBERS, roles=WRITING, status_code=200)
async def put_numbers(
    request: Request, code: FromPath[str], chapter: FromPath[str]
) -> Response[Any]:
    """Save the bounds of a chapter."""
    form, draft = await forms.fields(request), await open_draft(code)
    try:
        change = Numbers(chapter, measures.read(form, draft.rulebook, chapter))
        await save(request, draft, change, seen=form.text("seen"))
    except Invalid as refusal:
        return _numbers(
            request, await open_draft(code), chapter, typed=form,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{address(draft)}/numbers/{chapter}?said=saved")


@get(ROWS, roles=READING)
async def rows(request: Request, code: FromPath[str], chapter: FromPath[str]) -> Response[Any]:
    """Show a list with its lines."""
    draft = await open_draft(code)
    return _rows(request, draft, chapter, measures.typed_rows(draft.rulebook, chapter))


def _rows(
    request: Request,
    draft: DraftView,
    chapter: str,
    typed: list[dict[str, str]],
    *,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    empty = measures.blank(chapter)
    found = faults or _rows_told(request, draft, chapter)
    fresh = bool(typed) and typed[-1] == empty
    lines = measures.lines(request.lang, chapter, typed if fresh else [*typed, empty])
    return page(
        request,
        "office/rulebook/rows.html",
        status=422 if faults else 200,
        url=address(draft),
        chapter=chapter,
        lines=lines[:-1],
        added=lines[-1],
        labels={
            field["name"]: f"{line['title']} · {field['label']}"
            for line in lines
            for field in line["fields"]
        },
        open_at={int(fault["path"][5:].partition("]")[0]) for fault in found
                 if fault["path"].startswith("rows[")},
        seen=queries.seen(draft.rulebook, Rows(chapter, ())),
        sums=_sums(chapter, typed),
        wrong=[],
        faults=found,
    )  # fmt: skip


def _rows_told(request: Request, draft: DraftView, chapter: str) -> list[dict[str, str]]:
    """Return the faults of a list, each at its line's field; of a whole line at its first one."""
    columns = queries.columns(chapter)
    found = told(request, draft, queries.path_of(chapter))
    for fault in found:
        place, _, name = fault["path"].partition("]")
        if not place.startswith("["):
            fault["path"] = ""
            continue
        name = name.lstrip(".") or next(iter(columns))
        fault["path"] = f"rows{place}].{name}" + (".zh" if name == "text" else "")
    return found


def _sums(chapter: str, typed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return how much each feature's quotas ask for at least and allow at most."""
    if chapter != "quotas":
        return []
    found: dict[str, dict[str, Any]] = {}
    for row in typed:
        if row["feature"]:
            own = found.setdefault(row["feature"], {"name": row["feature"], "low": 0, "high": 0})
            for key, name in (("low", "minimum_percent"), ("high", "maximum_percent")):
                if row[name].isdecimal() and len(row[name]) < _DIGITS:
                    own[key] += int(row[name])
    return list(found.values())


@post(f"{ROWS}/check", roles=WRITING, status_code=200)
async def check_rows(
    request: Request, code: FromPath[str], chapter: FromPath[str]
) -> Response[Any]:
    """Tell what would be wrong with a list as it is typed, without saving it."""
    form, draft = await forms.fields(request), await open_draft(code)
    typed = _typed_rows(form, chapter)
    try:
        change = _read_rows(form, chapter)
        wrong = _rows_told(request, queries.tried_out(draft, change), chapter)
    except Invalid as refusal:
        wrong = errors.texts(request, refusal)
    return page(
        request,
        "office/rulebook/_check.html",
        sums=_sums(chapter, [row for place, row in typed.items() if not _gone(form, place)]),
        wrong=wrong,
        checked=True,
    )


@post(ROWS, roles=WRITING, status_code=200)
async def put_rows(request: Request, code: FromPath[str], chapter: FromPath[str]) -> Response[Any]:
    """Save a list; a line that was ticked to go, or an empty last one, is left out."""
    form, draft = await forms.fields(request), await open_draft(code)
    typed = list(_typed_rows(form, chapter).values())
    try:
        change: Edit = _read_rows(form, chapter)
        await save(request, draft, change, seen=form.text("seen"))
    except Invalid as refusal:
        return _rows(
            request, await open_draft(code), chapter, typed, faults=errors.texts(request, refusal)
        )
    return redirect(request, f"{address(draft)}/rows/{chapter}?said=saved")


def _typed_rows(form: forms.Form, chapter: str) -> dict[int, dict[str, str]]:
    """Return the lines of the page as they were typed, by their places."""
    empty = measures.blank(chapter)
    first, found = next(iter(empty)), {}
    for place in range(_MOST + 1):
        if f"rows[{place}].{first}" not in form.fields:
            break
        found[place] = {name: form.text(f"rows[{place}].{name}") for name in empty}
    if len(found) > _MOST:
        raise Conflict("rulebook.too_many", most=_MOST)
    return found


def _gone(form: forms.Form, place: int) -> bool:
    return form.ticked(f"rows[{place}].gone")


def _read_rows(form: forms.Form, chapter: str) -> Rows:
    """Read the lines that stay; refuses what can't be read, by its field."""
    empty = measures.blank(chapter)
    lines: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for place, typed in _typed_rows(form, chapter).items():
        if typed == empty or _gone(form, place):
            continue
        try:
            lines.append(measures.read_row(form, chapter, place))
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    return Rows(chapter, tuple(lines))


handlers = [numbers, check_numbers, put_numbers, rows, check_rows, put_rows]
