"""What an edit makes of a draft: pure; every name that points at a part follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from panel.chance import digest
from panel.errors import Conflict, Fault, Invalid, Missing
from panel.rulebook.rules import lists, numbers
from panel.rulebook.rules.forms import VALUES
from panel.rulebook.rules.walking import KEY
from panel.rulebook.types import (
    AddForm,
    AddItem,
    AddSection,
    AddVeto,
    Anchor,
    Basics,
    Case,
    Edit,
    Form,
    FormHead,
    Groups,
    Item,
    ItemKind,
    Move,
    Numbers,
    PutItem,
    PutVeto,
    Remove,
    Rows,
    Rulebook,
    Section,
    SectionHead,
    Text,
    Veto,
)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)
FormEdit = FormHead | AddSection | SectionHead | AddVeto | PutVeto | Move
"""Edits that touch one form alone."""
EMPTY = Text("", "")


def apply(book: Rulebook, edit: Edit, groups_kept: frozenset[str] = frozenset()) -> Rulebook:
    """Return the measures after an edit; refuses names that are no names, taken or unknown.

    ``groups_kept`` are the peer groups of the version it is based on: units belong to them.
    """
    match edit:
        case Basics():
            return msgspec.structs.replace(
                book, title=edit.title, edition=edit.edition, legal_basis=edit.legal_basis
            )
        case Numbers():
            return numbers.put(book, edit)
        case Rows():
            return lists.put(book, edit)
        case Groups():
            return _groups(book, edit, groups_kept)
        case AddForm() | AddItem() | PutItem() | Remove():
            return _with_parts(book, edit)
        case _:
            return _in_form(book, edit.form, lambda form: _changed(form, edit))


def _with_parts(book: Rulebook, edit: AddForm | AddItem | PutItem | Remove) -> Rulebook:
    """Apply an edit that the course of a form follows."""
    match edit:
        case AddForm():
            return _add_form(book, edit)
        case AddItem():
            return _add_item(book, edit)
        case PutItem():
            return _put_item(book, edit)
        case Remove():
            return _remove(book, edit)


def _changed(form: Form, edit: FormEdit) -> Form:
    match edit:
        case FormHead():
            return _head(form, edit)
        case AddSection():
            return _add_section(form, edit)
        case SectionHead():
            return _section_head(form, edit)
        case AddVeto():
            return _add_veto(form, edit)
        case PutVeto():
            return _put_veto(form, edit)
        case Move():
            return _move(form, edit)


def piece(book: Rulebook, edit: Edit) -> str:
    """Return the digest of what an edit is about, to notice that somebody else changed it."""
    match edit:
        case Basics():
            found: Any = [book.title, book.edition, book.legal_basis]
        case Numbers():
            found = numbers.fields(book, edit.chapter)
        case Rows():
            found = lists.rows(book, edit.chapter)
        case Groups():
            found = book.peer_groups
        case FormHead():
            form = form_of(book, edit.form)
            found = [msgspec.structs.replace(form, sections=(), vetoes=())]
            found.append([item.weight for item in form.items])
        case SectionHead():
            section = _one(form_of(book, edit.form).sections, edit.section)
            found = [section.id, section.text]
        case PutItem():
            found = [_one(form_of(book, edit.form).items, edit.item)]
            found += [_model(case, edit.item) for case in cases(book, edit.form)]
        case PutVeto():
            found = _one(form_of(book, edit.form).vetoes, edit.veto)
        case _:
            return ""
    return digest(msgspec.to_builtins(found))[:16]


def form_of(book: Rulebook, key: str) -> Form:
    """Return a form by its key; refuses one that is not there."""
    for form in book.forms:
        if form.key == key:
            return form
    raise Missing("rulebook.no_form")


def cases(book: Rulebook, form: str) -> tuple[Case, ...]:
    """Return the training sheets of a form."""
    return next((course.cases for course in book.training.courses if course.form == form), ())


def _model(case: Case, item: str) -> Any:
    return next((answer for answer in case.answers if answer.item == item), None)


def _one(parts: Iterable[N], key: str) -> N:
    for part in parts:
        if part.id == key:
            return part
    raise Missing("rulebook.no_part")


def _in_form(book: Rulebook, key: str, change: Callable[[Form], Form]) -> Rulebook:
    old = form_of(book, key)
    forms = tuple(change(form) if form is old else form for form in book.forms)
    return msgspec.structs.replace(book, forms=forms)


def _name(field: str, key: str, taken: Iterable[str]) -> None:
    """Refuse what is no name, and what names another part already."""
    if not KEY.fullmatch(key):
        raise Invalid("form.faults", Fault(field, "rulebook.key_form", {"id": key[:40]}))
    if key in taken:
        raise Invalid("form.faults", Fault(field, "rulebook.repeated", {"id": key}))


def _groups(book: Rulebook, edit: Groups, kept: frozenset[str]) -> Rulebook:
    keys = [group.key for group in edit.groups]
    for place, key in enumerate(keys):
        _name(f"groups[{place}].key", key, keys[:place])
    gone = sorted(kept - set(keys))
    if gone:
        raise Conflict("rulebook.group_used", id=gone[0])
    return msgspec.structs.replace(book, peer_groups=edit.groups)


def _add_form(book: Rulebook, edit: AddForm) -> Rulebook:
    _name("key", edit.form, [form.key for form in book.forms])
    source = form_of(book, edit.copy_of)
    new = msgspec.structs.replace(source, key=edit.form, title=edit.title)
    courses = book.training.courses + tuple(
        msgspec.structs.replace(course, form=edit.form)
        for course in book.training.courses
        if course.form == edit.copy_of
    )
    return msgspec.structs.replace(
        book,
        forms=(*book.forms, new),
        training=msgspec.structs.replace(book.training, courses=courses),
    )


def _head(form: Form, edit: FormHead) -> Form:
    sections = tuple(
        msgspec.structs.replace(
            section,
            items=tuple(
                msgspec.structs.replace(item, weight=edit.weights.get(item.id, item.weight))
                for item in section.items
            ),
        )
        for section in form.sections
    )
    return msgspec.structs.replace(
        form,
        title=edit.title,
        minimum_answered_weight=edit.minimum_answered_weight,
        decisive=edit.decisive,
        reason_at_or_below=edit.reason_at_or_below,
        veto_cap_hundredths=edit.veto_cap_hundredths,
        errands=edit.errands,
        sections=sections,
    )


def _add_section(form: Form, edit: AddSection) -> Form:
    _name("id", edit.id, [section.id for section in form.sections])
    return msgspec.structs.replace(form, sections=(*form.sections, Section(edit.id, edit.text, ())))


def _section_head(form: Form, edit: SectionHead) -> Form:
    old = _one(form.sections, edit.section)
    _name("id", edit.id, [each.id for each in form.sections if each is not old])
    new = msgspec.structs.replace(old, id=edit.id, text=edit.text)
    return msgspec.structs.replace(
        form, sections=tuple(new if each is old else each for each in form.sections)
    )


def _add_item(book: Rulebook, edit: AddItem) -> Rulebook:
    form = form_of(book, edit.form)
    _one(form.sections, edit.section)
    _name("id", edit.id, [item.id for item in form.items])
    item = Item(
        id=edit.id,
        kind=ItemKind.FACT,
        weight=1,
        text=EMPTY,
        anchors=tuple(Anchor(value, EMPTY) for value in VALUES[ItemKind.FACT]),
    )
    sections = tuple(
        msgspec.structs.replace(each, items=(*each.items, item))
        if each.id == edit.section
        else each
        for each in form.sections
    )
    return _in_form(book, edit.form, lambda old: msgspec.structs.replace(old, sections=sections))


def anchored(item: Item) -> Item:
    """Return an item with one anchor for each value of its kind, the best first, texts kept."""
    texts = {anchor.value: anchor.text for anchor in item.anchors}
    return msgspec.structs.replace(
        item,
        anchors=tuple(Anchor(value, texts.get(value, EMPTY)) for value in VALUES[item.kind]),
    )


def _put_item(book: Rulebook, edit: PutItem) -> Rulebook:
    form = form_of(book, edit.form)
    old = _one(form.items, edit.item)
    _one(form.sections, edit.section)
    _name("id", edit.value.id, [item.id for item in form.items if item is not old])
    new = anchored(edit.value)
    sections = []
    for section in form.sections:
        items = [new if item is old else item for item in section.items]
        if section.id != edit.section:
            items = [item for item in items if item is not new]
        elif new not in items:
            items.append(new)
        sections.append(msgspec.structs.replace(section, items=tuple(items)))
    decisive = tuple(new.id if key == old.id else key for key in form.decisive)
    changed = msgspec.structs.replace(form, sections=tuple(sections), decisive=decisive)
    book = _in_form(book, edit.form, lambda _: changed)
    return _answered(book, edit, old.id)


def _answered(book: Rulebook, edit: PutItem, old: str) -> Rulebook:
    """Let the training sheets of the form answer the item as it is called and asked now."""

    def of(case: Case) -> Case:
        given = edit.answers.get(case.key)
        if edit.value.revisit_only:
            given = None
        elif given is not None:
            given = msgspec.structs.replace(given, item=edit.value.id)
        found = []
        for answer in case.answers:
            if answer.item != old:
                found.append(answer)
            elif given is not None:
                found.append(given)
                given = None
        if given is not None:
            found.append(given)
        return msgspec.structs.replace(case, answers=tuple(found))

    return _in_cases(book, edit.form, of)


def _in_cases(book: Rulebook, form: str, change: Callable[[Case], Case]) -> Rulebook:
    courses = tuple(
        msgspec.structs.replace(course, cases=tuple(change(case) for case in course.cases))
        if course.form == form
        else course
        for course in book.training.courses
    )
    return msgspec.structs.replace(
        book, training=msgspec.structs.replace(book.training, courses=courses)
    )


def _add_veto(form: Form, edit: AddVeto) -> Form:
    _name("id", edit.id, [veto.id for veto in form.vetoes])
    return msgspec.structs.replace(form, vetoes=(*form.vetoes, Veto(edit.id, EMPTY, EMPTY)))


def _put_veto(form: Form, edit: PutVeto) -> Form:
    old = _one(form.vetoes, edit.veto)
    _name("id", edit.value.id, [each.id for each in form.vetoes if each is not old])
    return msgspec.structs.replace(
        form, vetoes=tuple(edit.value if each is old else each for each in form.vetoes)
    )


def _move(form: Form, edit: Move) -> Form:
    if edit.part == "section":
        return msgspec.structs.replace(form, sections=_moved(form.sections, edit))
    if edit.part == "veto":
        return msgspec.structs.replace(form, vetoes=_moved(form.vetoes, edit))
    _one(form.items, edit.id)
    return msgspec.structs.replace(form, sections=_item_moved(form.sections, edit))


def _moved(parts: tuple[N, ...], edit: Move) -> tuple[N, ...]:
    place = parts.index(_one(parts, edit.id))
    other = place + edit.by
    if not 0 <= other < len(parts):
        return parts
    found = list(parts)
    found[place], found[other] = found[other], found[place]
    return tuple(found)


def _item_moved(sections: tuple[Section, ...], edit: Move) -> tuple[Section, ...]:
    """Move an item one step; over the edge of its section it goes into the neighbouring one."""
    at = next(n for n, s in enumerate(sections) if any(item.id == edit.id for item in s.items))
    section = sections[at]
    moved = _moved(section.items, edit)
    found = list(sections)
    if moved != section.items:
        found[at] = msgspec.structs.replace(section, items=moved)
    elif 0 <= at + edit.by < len(sections):
        item = _one(section.items, edit.id)
        rest = tuple(each for each in section.items if each is not item)
        other = sections[at + edit.by]
        items = (item, *other.items) if edit.by > 0 else (*other.items, item)
        found[at] = msgspec.structs.replace(section, items=rest)
        found[at + edit.by] = msgspec.structs.replace(other, items=items)
    return tuple(found)


def _remove(book: Rulebook, edit: Remove) -> Rulebook:
    form = form_of(book, edit.form)
    if edit.part == "form":
        return _without_form(book, form)
    if edit.part == "veto":
        gone = _one(form.vetoes, edit.id)
        left = tuple(each for each in form.vetoes if each is not gone)
        return _in_form(book, form.key, lambda old: msgspec.structs.replace(old, vetoes=left))
    if edit.part == "section":
        names = {item.id for item in _one(form.sections, edit.id).items}
        sections = tuple(each for each in form.sections if each.id != edit.id)
    else:
        names = {_one(form.items, edit.id).id}
        sections = tuple(
            msgspec.structs.replace(
                each, items=tuple(item for item in each.items if item.id not in names)
            )
            for each in form.sections
        )
    changed = msgspec.structs.replace(
        form,
        sections=sections,
        decisive=tuple(key for key in form.decisive if key not in names),
    )
    book = _in_form(book, form.key, lambda _: changed)
    return _in_cases(
        book,
        form.key,
        lambda case: msgspec.structs.replace(
            case, answers=tuple(each for each in case.answers if each.item not in names)
        ),
    )


def _without_form(book: Rulebook, form: Form) -> Rulebook:
    users = [group for group in book.peer_groups if group.form == form.key]
    if users or len(book.forms) == 1:
        raise Conflict("rulebook.form_used")
    courses = tuple(each for each in book.training.courses if each.form != form.key)
    return msgspec.structs.replace(
        book,
        forms=tuple(each for each in book.forms if each is not form),
        training=msgspec.structs.replace(book.training, courses=courses),
    )
