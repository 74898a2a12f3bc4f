"""The empty document: paper, styles and page numbers as GB/T 9704 has them.

Fonts are named, never embedded: each has a second name under which an older computer knows it.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final

import msgspec

from web.i18n import HTML_LANG, Lang

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDTH, HEIGHT = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
"""Millimetres."""
_FOOT: Final = 23
_LINE: Final = 579
"""Twentieths of a point from line to line: 22 of them fill a page."""
_PITCH: Final = -844
"""How much narrower than its size a sign stands, so that 28 fill a line (1/4096 point)."""
_LATIN: Final = "Times New Roman"
_FANGSONG, _KAITI, _HEITI, _SONGTI = "仿宋", "楷体", "黑体", "宋体"
_TITLE: Final = "方正小标宋简体"
_SECOND_NAMES: Final = {
    _FANGSONG: "仿宋_GB2312", _KAITI: "楷体_GB2312", _HEITI: "SimHei", _SONGTI: "SimSun",
    _TITLE: _SONGTI, _LATIN: "Liberation Serif",
}  # fmt: skip
_GONE: Final = ("/thumbnail", "/extended-properties", "/customXml", "/stylesWithEffects")
"""Parts of the library's own empty document that tell of its making."""
_BASE: Final = frozenset(
    {"Normal", "Default Paragraph Font", "Normal Table", "No List", "Table Grid"}
)


class _Form(msgspec.Struct, frozen=True):
    """How a style sets its paragraphs; lengths in twentieths of a point."""

    font: str = _FANGSONG
    points: float = 16
    align: str = "both"
    signs: int = 0
    """Hundredths of a sign by which the first line is indented."""
    line: int = _LINE
    """Zero: as high as what stands in it."""
    before: int = 0
    after: int = 0
    bold: bool = False
    together: bool = False
    """Whether it stays on the page of what follows."""
    right: int = 0
    level: int = -1


FORMS: Final[dict[str, _Form]] = {
    "Normal": _Form(),
    "Title": _Form(_TITLE, 22, "center", line=700, after=_LINE, together=True),
    "Heading 1": _Form(_HEITI, signs=200, together=True, level=0),
    "Heading 2": _Form(_KAITI, signs=200, together=True, level=1),
    "Heading 3": _Form(signs=200, bold=True, together=True, level=2),
    "Body Text": _Form(signs=200),
    "Salutation": _Form(align="left"),
    "Signature": _Form(align="right", right=1280, before=_LINE),
    "Subtitle": _Form(align="center", after=_LINE),
    "List Bullet": _Form(),
    "List Number": _Form(),
    "List Continue": _Form(),
    "No Spacing": _Form(points=12, align="left", line=0, before=40, after=40),
    "Footer": _Form(_SONGTI, 14, "right", line=0),
}
"""The styles of a document by the names that every program knows."""


@lru_cache(maxsize=2)
def empty(lang: Lang) -> bytes:
    """Return the empty document of a language; it is made once, and copied for each document."""
    from docx import Document

    made = Document()
    _strip(made)
    _styles(made, HTML_LANG[lang])
    _fonts(made)
    _lists(made)
    _page(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _strip(made: Any) -> None:
    """Take out what is not needed, above all what tells of programs and times."""
    for holder in (made.part.package, made.part):
        for key, each in list(holder.rels.items()):
            if each.reltype.endswith(_GONE):
                del holder.rels[key]
    settings = made.settings.element
    for each in list(settings):
        settings.remove(each)
    _settings(settings)
    for each in made.element.iter():
        for key in [key for key in each.attrib if "}rsid" in key]:
            del each.attrib[key]


def _settings(root: Any) -> None:
    """Ask programs to set lines as today, with pages that differ left and right."""
    add(root, "defaultTabStop", val=640)
    add(root, "evenAndOddHeaders")
    add(root, "characterSpacingControl", val="compressPunctuation")
    compat = add(root, "compat")
    uri = "http://schemas.microsoft.com/office/word"
    for name, value in (("compatibilityMode", 15), ("doNotFlipMirrorIndents", 1)):
        add(compat, "compatSetting", name=name, uri=uri, val=value)
    add(root, "themeFontLang", val="en-US", eastAsia="zh-CN")


def _styles(made: Any, lang: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    root = made.styles.element
    for each in root.findall(f"{WORD}latentStyles"):
        root.remove(each)
    kept = {*_BASE, *FORMS}
    for style in list(made.styles):
        if style.name not in kept:
            root.remove(style.element)
    known = {style.name for style in made.styles}
    for name, form in FORMS.items():
        if name not in known:
            made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        _set(made.styles[name].element, form, chinese=lang == HTML_LANG["zh"])
    defaults = root.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr")
    for child in list(defaults):
        defaults.remove(child)
    _letters(defaults, FORMS["Normal"])
    add(defaults, "lang", val=lang, eastAsia="zh-CN", bidi="ar-SA")
    spacing = root.find(f"{WORD}docDefaults/{WORD}pPrDefault/{WORD}pPr")
    for child in list(spacing):
        spacing.remove(child)


def _set(style: Any, form: _Form, *, chinese: bool) -> None:
    """Give a style its form and nothing besides.

    Among Chinese signs an address or a hash ends with the line like any other text.
    """
    for name in ("pPr", "rPr", "link", "unhideWhenUsed", "semiHidden"):
        for each in style.findall(f"{WORD}{name}"):
            style.remove(each)
    paragraph = add(style, "pPr")
    if form.together:
        add(paragraph, "keepNext")
    add(paragraph, "widowControl", val="0")
    if chinese:
        add(paragraph, "wordWrap", val="0")
    spacing = {"before": form.before, "after": form.after}
    rule = "exact" if form.line else "auto"
    add(paragraph, "spacing", **spacing, line=form.line or 240, lineRule=rule)
    indent: dict[str, Any] = {}
    if form.signs:
        indent |= {"firstLineChars": form.signs, "firstLine": round(form.points * form.signs / 5)}
    add(paragraph, "ind", left=0, right=form.right, **indent)
    add(paragraph, "jc", val=form.align)
    if form.level >= 0:
        add(paragraph, "outlineLvl", val=form.level)
    _letters(add(style, "rPr"), form)


def _letters(parent: Any, form: _Form) -> None:
    add(parent, "rFonts", ascii=_LATIN, hAnsi=_LATIN, eastAsia=form.font, cs=_LATIN)
    if form.bold:
        add(parent, "b")
    add(parent, "color", val="000000")
    add(parent, "sz", val=round(form.points * 2))
    add(parent, "szCs", val=round(form.points * 2))


def _fonts(made: Any) -> None:
    """Name the fonts, each with the name under which another computer may have it."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from lxml import etree

    part = made.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    root = etree.Element(f"{WORD}fonts", nsmap={"w": WORD[1:-1]})
    for name, other in _SECOND_NAMES.items():
        add(add(root, "font", name=name), "altName", val=other)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001 - the library offers no other way to write a part that it only keeps


def _lists(made: Any) -> None:
    """Define the two kinds of lists; each numbered list of a document counts on its own."""
    root = made.part.numbering_part.element
    for child in list(root):
        root.remove(child)
    for number, (form, text) in enumerate((("bullet", "\u2022"), ("decimal", "%1."))):
        each = add(root, "abstractNum", abstractNumId=number)
        add(each, "multiLevelType", val="singleLevel")
        level = add(each, "lvl", ilvl=0)
        add(level, "start", val=1)
        add(level, "numFmt", val=form)
        add(level, "lvlText", val=text)
        add(level, "lvlJc", val="left")
        add(add(level, "pPr"), "ind", left=1040, hanging=400)
    add(add(root, "num", numId=1), "abstractNumId", val=0)


def _page(made: Any) -> None:
    """Set paper, margins and page numbers: outside at the foot, as on paper bound in a file."""
    from docx.shared import Mm

    section = made.sections[0]
    section.page_width, section.page_height = Mm(WIDTH), Mm(HEIGHT)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.footer_distance, section.header_distance = Mm(_FOOT), Mm(15)
    for old in section._sectPr.findall(f"{WORD}docGrid"):  # noqa: SLF001 - no other way to the grid
        section._sectPr.remove(old)  # noqa: SLF001 - the same
    add(section._sectPr, "docGrid", type="linesAndChars", linePitch=_LINE, charSpace=_PITCH)  # noqa: SLF001 - the same
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        _number(footer.paragraphs[0], align)


def _number(paragraph: Any, align: str) -> None:
    """Write the number of the page between dashes, one sign away from the edge."""
    paragraph.style = "Footer"
    place = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - the library knows no indent by signs
    side = {f"{align}Chars": 100, align: 280}
    add(place, "ind", **side)
    add(place, "jc", val=align)
    paragraph.add_run("\u2014 ")
    add(paragraph._p, "fldSimple", instr=" PAGE ")  # noqa: SLF001 - nor fields
    add(add(paragraph._p[-1], "r"), "t").text = "1"  # noqa: SLF001 - the same
    paragraph.add_run(" \u2014")


def add(parent: Any, name: str, /, **values: object) -> Any:
    """Add an element of WordprocessingML and return it."""
    from lxml import etree

    given = {f"{WORD}{key}": str(value) for key, value in values.items()}
    return etree.SubElement(parent, f"{WORD}{name}", given)
