"""Reading a sheet of applications: all of it or nothing, each fault by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from panel.errors import Fault, Invalid
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
}
_SEXES: Final = {"男": Sex.MALE, "女": Sex.FEMALE, "m": Sex.MALE, "f": Sex.FEMALE} | {
    sex.value: sex for sex in Sex
}
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
_MICRO: Final = 1_000_000
_MOST: Final = 200


def occupation(text: str) -> Occupation:
    """Sort an occupation as written into a coarse one; an unknown word is ``other``."""
    plain = identity.tidy(text)
    if plain in set(Occupation):
        return Occupation(plain)
    for found, words in _OCCUPATIONS.items():
        if any(word in plain for word in words):
            return found
    return Occupation.OTHER


def read(rows: Sequence[SheetRow], terms: Terms) -> list[Applicant]:
    """Return the applicants of a sheet, in its order; ``Invalid`` names every fault's cell."""
    faults: list[Fault] = []
    found: list[Applicant] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            applicant = _applicant(row.cells, terms)
        except Invalid as refusal:
            faults += [_at(row.number, fault) for fault in refusal.faults]
            continue
        faults += [_at(row.number, fault) for fault in _disagreements(row.cells, applicant)]
        if applicant.national_id in seen:
            first = seen[applicant.national_id]
            faults.append(_at(row.number, Fault("national_id", "import.twice", {"first": first})))
        seen.setdefault(applicant.national_id, row.number)
        found.append(applicant)
    if faults:
        raise _refusal(faults)
    return found


def known(rows: Sequence[SheetRow], positions: Iterable[int]) -> Invalid:
    """Return the refusal that names the rows of persons who have applied already."""
    faults = [
        _at(rows[position].number, Fault("national_id", "application.known"))
        for position in sorted(positions)
    ]
    return _refusal(faults)


def _refusal(faults: Sequence[Fault]) -> Invalid:
    return Invalid("import.faults", *faults[:_MOST], total=len(faults))


def _at(number: int, fault: Fault) -> Fault:
    """Place a fault by row and column title."""
    column = _COLUMN.get(fault.path, fault.path)
    values = {**fault.values, "row": number, "column": column}
    return Fault(f"row {number}, {column}", fault.code, values)


def _applicant(record: Mapping[str, str], terms: Terms) -> Applicant:
    """Read one row; whoever hands in a signed form on paper has consented there."""
    recusals = record.get("回避单位", "")
    for mark in "；;、,，\n":
        recusals = recusals.replace(mark, "|")
    form = ApplicationForm(
        name=record["姓名"],
        national_id=record["身份证号"],
        phone=record["电话"],
        district=record["行政区"],
        category=record["类别"],
        occupation=occupation(record.get("职业", "")),
        address=record["住址"],
        employer=record.get("工作单位", ""),
        recusals=tuple(Declared(part.strip()) for part in recusals.split("|") if part.strip()),
        hall=None,
        consent=True,
    )
    return applications.read(form, terms, _place(record))


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
    born = record.get("出生日期", "").strip()
    card = identity.read_national_id(applicant.national_id)
    if born and not isinstance(card, str) and not identity.agrees(card.born, born):
        faults.append(Fault("出生日期", "import.disagrees"))
    return faults
