"""Reading a sheet of applications: all of it or nothing, each fault by row and column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from panel.errors import Fault, Invalid
from panel.members.types import ExclusionKind, NewExclusion
from panel.recruitment.rules import applications, identity
from panel.recruitment.types.applications import (
    Applicant,
    ApplicationForm,
    Declared,
    Occupation,
    Place,
    Sex,
    Terms,
)
from panel.roster.types import SheetRow

REQUIRED: Final = ("姓名", "身份证号", "电话", "行政区", "类别", "住址")
_NOMINATION: Final = ("推荐单位", "推荐人", "推荐人职务", "推荐人电话", "推荐理由")
_LONGEST: Final = {"推荐单位": 120, "推荐人": 50, "推荐人职务": 60, "推荐理由": 2000}
_SIGNED: Final = ("本人签名", "本人签字")
_YES: Final = {"是", "有", "已签", "已签名", "已签字", "签", "√", "✓", "✔", "y", "yes", "1"}
_COLUMN: Final = {
    "name": "姓名",
    "national_id": "身份证号",
    "phone": "电话",
    "district": "行政区",
    "category": "类别",
    "occupation": "职业",
    "address": "住址",
    "employer": "工作单位",
    "recusals": "回避单位",
    "consent": "本人签名",
}
_SEXES: Final = {"男": Sex.MALE, "女": Sex.FEMALE, "m": Sex.MALE, "f": Sex.FEMALE} | {
    sex.value: sex for sex in Sex
}
_KINDS: Final = {
    ExclusionKind.RELATIVE: ("亲属", "近亲属", "配偶", "父母", "子女", "亲戚", "家属"),
    ExclusionKind.EMPLOYER: ("任职", "曾任职", "工作", "工作单位", "原单位", "在职"),
    ExclusionKind.LICENCE: ("许可", "审批", "办证", "行政许可", "申请"),
    ExclusionKind.PENALTY: ("处罚", "行政处罚", "被处罚"),
    ExclusionKind.LAWSUIT: ("诉讼", "官司", "复议", "行政诉讼"),
    ExclusionKind.CONTRACT: ("合同", "业务", "供货", "承包", "采购"),
    ExclusionKind.DECLARED: ("其他", "申报", "回避"),
}
"""What people write in brackets behind a unit that they can't judge."""
_KIND_BY_WORD: Final = {word: kind for kind, words in _KINDS.items() for word in words}
_BRACKETED: Final = re.compile(r"(.+?)\((.*)\)")
_LOST: Final = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff\ufffd?□〓■]")
"""What stands where a rare character was: private characters of an old font, boxes."""
_ROUNDED: Final = re.compile(r"\d{15}000")
_SERIAL: Final = re.compile(r"[1-5]\d{4}")
_SHORT_YEAR: Final = re.compile(r"\d{2}(?=[./年-]\d)")
_FIRST_DAY: Final = dt.date(1899, 12, 30)
"""Day 0 of the days that office programs count."""
_OCCUPATIONS: Final[dict[Occupation, tuple[str, ...]]] = {
    Occupation.PUBLIC_STAFF: ("机关", "公务员", "事业单位", "干部", "公职"),
    Occupation.RETIRED: ("退休", "离休"),
    Occupation.STUDENT: ("学生",),
    Occupation.OWNER: ("个体", "业主", "店主", "经营者", "创业"),
    Occupation.MANAGER: ("经理", "管理", "负责人", "厂长", "总监", "企业主"),
    Occupation.PROFESSIONAL: (
        "教师", "医生", "护士", "律师", "会计", "工程师", "技术", "设计", "记者", "专业", "科研",
    ),
    Occupation.FARMER: ("农民", "务农", "种植", "养殖", "渔民", "农业"),
    Occupation.WORKER: ("工人", "司机", "职工", "技工", "建筑", "制造", "工"),
    Occupation.SERVICE: ("服务", "销售", "快递", "外卖", "文员", "职员", "店员", "厨师", "保安"),
    Occupation.HOMEMAKER: ("家务", "主妇", "家庭"),
}  # fmt: skip
_KNOWN: Final = frozenset(each.value for each in Occupation)
_MICRO: Final = 1_000_000
MOST: Final = 200
"""Faults that are told; their number is told all the same."""


class PaperNomination(msgspec.Struct, frozen=True):
    """An organisation's signed nomination as it stands in a sheet."""

    organisation: str
    name: str
    post: str
    phone: str
    reasons: str

    def __repr__(self) -> str:
        """Show nothing: it names a person."""
        return "PaperNomination(…)"


class Entered(msgspec.Struct, frozen=True):
    """One row that passed every check."""

    row: int
    applicant: Applicant
    nomination: PaperNomination | None


def occupation(text: str) -> Occupation:
    """Sort an occupation as written into a coarse one; an unknown word is ``other``."""
    plain = identity.tidy(text)
    if plain in _KNOWN:
        return Occupation(plain)
    for found, words in _OCCUPATIONS.items():
        if any(word in plain for word in words):
            return found
    return Occupation.OTHER


def read(rows: Sequence[SheetRow], terms: Terms, faults: Sequence[Fault] = ()) -> list[Entered]:
    """Return the rows of a sheet, in its order; ``Invalid`` names every fault's cell.

    ``faults`` are those that reading the file itself has found: they are told together.
    """
    told = list(faults)
    cells = {fault.path for fault in faults}
    found: list[Entered] = []
    seen: dict[str, int] = {}
    for row in rows:
        own = _entered(row, terms, found)
        told += [fault for fault in own if fault.path not in cells]
        if own:
            continue
        number = found[-1].applicant.national_id
        if number in seen:
            told.append(_at(row.number, Fault("national_id", "import.twice",
                                              {"first": seen[number]})))  # fmt: skip
        seen.setdefault(number, row.number)
    if told:
        raise refusal(told)
    return found


def _entered(row: SheetRow, terms: Terms, found: list[Entered]) -> list[Fault]:
    """Add a row that is right to what was found, or return its faults."""
    record = row.cells
    faults = _lost(record)
    recusals, unclear = _recusals(record.get("回避单位", ""), terms)
    nomination, incomplete = _nomination(record)
    faults += [*unclear, *incomplete]
    try:
        applicant = applications.read(_form(record, recusals, nomination), terms, _place(record))
    except Invalid as refused:
        faults += [_explained(fault, record) for fault in refused.faults]
    else:
        faults += _disagreements(record, applicant)
        if not faults:
            found.append(Entered(row.number, _apart(applicant, nomination, terms), nomination))
    placed = (_at(row.number, fault) for fault in faults)
    return list({fault.path: fault for fault in reversed(list(placed))}.values())[::-1]


def _apart(applicant: Applicant, nomination: PaperNomination | None, terms: Terms) -> Applicant:
    """Return an applicant who will not judge the unit that nominated."""
    unit = terms.units.get(nomination.organisation) if nomination else None
    if unit is None:
        return applicant
    barred = NewExclusion(unit, ExclusionKind.NOMINATOR)
    return msgspec.structs.replace(applicant, exclusions=(*applicant.exclusions, barred))


def known(entered: Sequence[Entered], positions: Iterable[int]) -> Invalid:
    """Return the refusal that names the rows of persons who have applied already."""
    return refusal(
        [
            _at(entered[position].row, Fault("national_id", "application.known"))
            for position in sorted(positions)
        ]
    )


def refusal(faults: Sequence[Fault]) -> Invalid:
    """Return what a sheet is refused with: its first faults, and how many there are."""
    ordered = sorted(faults, key=lambda each: int(str(each.values.get("row", 0))))
    return Invalid("import.faults", *ordered[:MOST], total=len(ordered))


def at(number: int, column: str, code: str) -> Fault:
    """Name a fault by row and column title."""
    return _at(number, Fault(column, code))


def _at(number: int, fault: Fault) -> Fault:
    """Place a fault by row and column title."""
    column = _COLUMN.get(fault.path, fault.path)
    values = {**fault.values, "row": number, "column": column}
    return Fault(f"row {number}, {column}", fault.code, values)


def _form(
    record: Mapping[str, str],
    recusals: tuple[Declared, ...],
    nomination: PaperNomination | None,
) -> ApplicationForm:
    """Return a row as a form; whoever hands in a signed form on paper has consented there."""
    return ApplicationForm(
        name=record["姓名"],
        national_id=record["身份证号"],
        phone=record["电话"],
        district=record["行政区"],
        category=record["类别"],
        occupation=occupation(record.get("职业", "")),
        address=record["住址"],
        employer=record.get("工作单位", ""),
        recusals=recusals,
        hall=None,
        consent=_signed(record, needed=nomination is not None),
    )


def _signed(record: Mapping[str, str], *, needed: bool) -> bool:
    """Tell whether the form was signed: by the sheet's column, else by having been handed in."""
    for column in _SIGNED:
        if column in record:
            return identity.tidy(record[column]).casefold() in _YES
    return not needed


def _lost(record: Mapping[str, str]) -> list[Fault]:
    """Find names and addresses in which a rare character was lost on the way."""
    return [
        Fault(column, "import.lost_character")
        for column in ("姓名", "住址", "工作单位", "推荐人")
        if _LOST.search(record.get(column, ""))
    ]


def _explained(fault: Fault, record: Mapping[str, str]) -> Fault:
    """Say of an id number that was rounded what happened to it, instead of what is wrong."""
    if fault.code in {"national_id.check_digit", "national_id.birth"}:
        plain = re.sub(r"\s", "", identity.tidy(record["身份证号"]))
        if _ROUNDED.fullmatch(plain):
            return Fault(fault.path, "national_id.digits_lost")
    return fault


def _recusals(text: str, terms: Terms) -> tuple[tuple[Declared, ...], list[Fault]]:
    """Read units with the reason in brackets behind each, however they are separated."""
    plain = identity.tidy(text)
    for mark in ";、,\n":
        plain = plain.replace(mark, "|")
    found: list[Declared] = []
    faults: list[Fault] = []
    for part in (each.strip() for each in plain.split("|")):
        match = None if part in terms.units else _BRACKETED.fullmatch(part)
        if match is None:
            found += [Declared(part)] if part else []
            continue
        kind = _KIND_BY_WORD.get(match.group(2).strip())
        if kind is None:
            values = {
                "word": match.group(2)[:20],
                "known": "、".join(w[0] for w in _KINDS.values()),
            }
            faults.append(Fault("recusals", "import.recusal_kind", {**values}))
        else:
            found.append(Declared(match.group(1).strip(), kind.value))
    return tuple(found), faults


def _nomination(record: Mapping[str, str]) -> tuple[PaperNomination | None, list[Fault]]:
    """Read a nomination: all of it or none; one without a nominator who can be asked is void."""
    texts = {column: identity.tidy(record.get(column, "")) for column in _NOMINATION}
    if not any(texts.values()):
        return None, []
    faults = [Fault(column, "import.nomination") for column, text in texts.items() if not text]
    faults += [
        Fault(column, "import.too_long", {"maximum": longest})
        for column, longest in _LONGEST.items()
        if len(texts[column]) > longest
    ]
    phone = identity.read_phone(texts["推荐人电话"])
    if texts["推荐人电话"] and phone is None:
        faults.append(Fault("推荐人电话", "application.phone"))
    if not any(column in record for column in _SIGNED):
        faults.append(Fault("本人签名", "import.signature_column"))
    nomination = PaperNomination(
        organisation=texts["推荐单位"],
        name=identity.read_name(texts["推荐人"]),
        post=texts["推荐人职务"],
        phone=phone or "",
        reasons=texts["推荐理由"],
    )
    return nomination, faults


def _place(record: Mapping[str, str]) -> Place | None:
    """Return the rounded place of a row that gives one."""
    latitude, longitude = record.get("纬度", "").strip(), record.get("经度", "").strip()
    if not latitude and not longitude:
        return None
    try:
        return applications.rounded(
            round(float(latitude) * _MICRO), round(float(longitude) * _MICRO)
        )
    except (ValueError, OverflowError) as fault:
        raise Invalid("application.faults", Fault("纬度", "import.not_coordinate")) from fault


def _disagreements(record: Mapping[str, str], applicant: Applicant) -> list[Fault]:
    """Compare what a row says twice: sex and birth date stand in the id number too."""
    faults = []
    sex = identity.tidy(record.get("性别", "")).casefold()
    if sex and _SEXES.get(sex) is not applicant.sex:
        faults.append(Fault("性别", "import.disagrees"))
    born = _day(record.get("出生日期", ""))
    number = applicant.national_id
    known = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if born and not identity.agrees(known, born):
        faults.append(Fault("出生日期", "import.disagrees"))
    return faults


def _day(typed: str) -> str:
    """Return a birth date as typed; days counted by an office program become a date."""
    plain = identity.tidy(typed)
    if _SERIAL.fullmatch(plain):
        return (_FIRST_DAY + dt.timedelta(days=int(plain))).isoformat()
    return f"19{plain}" if _SHORT_YEAR.match(plain) else plain
