"""What a text for a unit or for everybody should not tell: patterns find it, a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from panel.evaluations.types.exposures import Hit, HitKind

_WIDE: Final = {ord(wide): ord(wide) - 0xFEE0 for wide in map(chr, range(0xFF01, 0xFF5F))}
"""Full-width signs as plain ones, one for one, so that places in the text stay the same."""
_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴"
    "莫孔向汤"
)
_TITLE: Final = "先生|女士|小姐|同志|师傅|大爷|大妈|大姐|阿姨|老师|主任|科长|局长|经理|某某|某"
_HAN: Final = "\u4e00-\u9fff"
_NUMERALS: Final = "[0-9一二三四五六七八九十两]{1,3}"
_PATTERNS: Final[tuple[tuple[HitKind, re.Pattern[str]], ...]] = (
    (HitKind.MAIL, re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)),
    (HitKind.ID_NUMBER, re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9])")),
    (
        HitKind.PHONE,
        re.compile(
            r"(?<![0-9])(?:1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}[ -]?[0-9]{7,8})(?![0-9])"
        ),
    ),
    (
        HitKind.PLATE,
        re.compile(
            rf"[{_PROVINCES}] ?[A-Za-z] ?[·•.-]? ?[A-HJ-NP-Za-hj-np-z0-9]{{4,6}}[挂学警港澳]?"
        ),
    ),
    (
        HitKind.TIME,
        re.compile(
            rf"(?:[0-9]{{4}}[年./-])?[0-9]{{1,2}}[月/-][0-9]{{1,2}}[日号]?(?![0-9])"
            rf"|[0-9]{{1,2}}:[0-9]{{2}}"
            rf"|(?:凌晨|早上|上午|中午|下午|傍晚|晚上)(?:{_NUMERALS}[点时](?:半|[0-9]{{1,2}}分?)?)?"
            rf"|{_NUMERALS}点(?:半|钟|[0-9]{{1,2}}分)"
            rf"|(?:星期|周|礼拜)[一二三四五六日天]|(?:昨|前|今|当)天|[0-9]{{1,2}}[日号](?=[^{_HAN}]|[上下来到在])"
        ),
    ),
    (
        HitKind.TICKET,
        re.compile(
            r"(?:(?:排队|取|票|排)号|票据号|回执号|受理号)[:是为]? ?[A-Za-z0-9-]{2,20}"
            r"|[A-Z][0-9]{3,6}(?![0-9A-Za-z])"
        ),
    ),
    (
        HitKind.NAME,
        re.compile(
            rf"(?:姓名|名叫|叫做|我叫|我是|监督员|评议员)[:为是]? ?[{_SURNAMES}][{_HAN}]{{1,2}}"
            rf"|[{_SURNAMES}][{_HAN}]{{0,2}}?(?:{_TITLE})"
        ),
    ),
)
HIDDEN: Final = "□"
"""What stands where something was left out."""


def text_check(text: str) -> tuple[Hit, ...]:
    """Return what looks as if it named a person, a moment or a number, each once, in order."""
    plain = text.translate(_WIDE)
    found: dict[str, tuple[int, Hit]] = {}
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            first, last = match.span()
            if any(first < end and start < last for start, end in taken):
                continue
            taken.append((first, last))
            piece = text[first:last]
            found.setdefault(piece, (first, Hit(kind, piece)))
    return tuple(hit for _, hit in sorted(found.values(), key=lambda each: each[0]))


def unchecked(text: str, checked: Iterable[str]) -> tuple[Hit, ...]:
    """Return what the check found and nobody has looked at yet."""
    left_in = set(checked)
    return tuple(hit for hit in text_check(text) if hit.text not in left_in)


def masked(text: str, checked: Iterable[str]) -> str:
    """Return a text with everything left out that nobody let stand; nothing else is changed."""
    for hit in unchecked(text, checked):
        text = text.replace(hit.text, HIDDEN * len(hit.text))
    return text


def unnamed(text: str, names: Iterable[str], instead: str) -> str:
    """Return a text with names taken out; the longest first, since one may begin another."""
    for name in sorted({name for name in names if name}, key=len, reverse=True):
        text = text.replace(name, instead)
    return text
