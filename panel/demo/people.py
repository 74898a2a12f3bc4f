"""Invented applicants with a real city's shares, the same for the same seed."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from panel.chance import Stream

DATA: Final = Path(__file__).parent / "data"
REFERENCE_DAY: Final = dt.date(2026, 3, 2)
MOST: Final = 9000
"""So many telephone numbers are left beside those of the deputy liaisons."""

# 999999 is no region of China and no country of residence: no real number begins with it.
REGION: Final = "999999"
FACTORS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS: Final = "10X98765432"

AGE_BANDS: Final = {"18-29": 18, "30-44": 30, "45-59": 33, "60-70": 19}
SEXES: Final = {"male": 51, "female": 49}
CATEGORIES: Final = {
    "18-29": {"enterprise": 30, "self_employed": 12, "resident": 25, "other": 33},
    "30-44": {"enterprise": 27, "self_employed": 18, "resident": 17, "other": 38},
    "45-59": {"enterprise": 20, "self_employed": 18, "resident": 24, "other": 38},
    "60-70": {"enterprise": 5, "self_employed": 8, "resident": 59, "other": 28},
}
PER_THOUSAND: Final = {
    "compound": 8,
    "rare": 12,
    "middle_dot": 4,
    "one_syllable": 220,
    "shares_home": 70,
    "disability": 45,
    "in_unit": 400,
    "own_district": 600,
    "village": 330,
    "worked_in_unit": 30,
}
YOUNG, OLD = 30, 60
NEIGHBOURS: Final = 20
SPREAD: Final = 30_000
PEOPLE_PER_SPREAD: Final = 20
LATITUDES: Final = (34_420_000, 35_960_000)
LONGITUDES: Final = (115_860_000, 117_610_000)

Choice = TypeVar("Choice")


class SampleApplicant(msgspec.Struct, frozen=True):
    """One invented person who applies; coordinates in micro-degrees, units by their city number."""

    index: int
    name: str
    national_id: str
    phone: str
    born: dt.date
    age: int
    age_band: str
    sex: str
    district: str
    category: str
    occupation: str
    employer: str
    address: str
    household: int
    """The index of the applicant whose home it is: equal for people who live together."""
    latitude: int
    longitude: int
    disability: bool
    recusals: tuple[str, ...]
    """City numbers of units where the person worked within the last three years."""


class District(msgspec.Struct, frozen=True):
    """A county, city, district or zone; coordinates in micro-degrees."""

    name: str
    name_en: str
    population: int
    latitude: int
    longitude: int


class _Home(msgspec.Struct, frozen=True):
    district: str
    address: str
    latitude: int
    longitude: int


class _Job(msgspec.Struct, frozen=True):
    occupation: str
    employer: str
    recusals: tuple[str, ...] = ()


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one CSV file of the sample city, by column title."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def districts() -> tuple[District, ...]:
    """Return the districts of the city with their population."""
    return tuple(
        District(
            name=row["行政区"],
            name_en=row["英文名称"],
            population=int(row["人口"]),
            latitude=_micro(row["纬度"]),
            longitude=_micro(row["经度"]),
        )
        for row in rows("districts.csv")
    )


def _micro(degrees: str) -> int:
    whole, _, part = degrees.partition(".")
    return int(whole) * 1_000_000 + int(f"{part:0<6}"[:6])


@functools.cache
def _units() -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (row["单位编号"], row["单位名称"], row["行政区"], row["层级"]) for row in rows("units.csv")
    )


@functools.cache
def _pools() -> dict[str, Any]:
    return tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))


def applicants(n: int, seed: str, *, on: dt.date = REFERENCE_DAY) -> Iterator[SampleApplicant]:
    """Yield `n` invented applicants whose ages are those of the day `on`.

    The first of them are the same whatever `n` is; no two share a number of any kind.
    """
    if not 0 <= n <= MOST:
        message = f"between 0 and {MOST} applicants can be invented"
        raise ValueError(message)
    taken: set[str] = set()
    for index in range(n):
        yield _applicant(index, seed, on, taken)


def _applicant(index: int, seed: str, on: dt.date, taken: set[str]) -> SampleApplicant:
    stream = Stream(seed, f"applicant/{index}")
    sex = weighted(stream, SEXES)
    band = weighted(stream, AGE_BANDS)
    age, born = _birth(stream, band, on)
    category = weighted(stream, CATEGORIES[band])
    household = _household(index, seed)
    home = _home(household, seed)
    job = _job(stream, category, age, home.district)
    return SampleApplicant(
        index=index,
        name=_name(stream, sex),
        national_id=_national_id(stream, born, sex, taken),
        phone=f"1990000{1000 + index:04d}",
        born=born,
        age=age,
        age_band=band,
        sex=sex,
        district=home.district,
        category=category,
        occupation=job.occupation,
        employer=job.employer,
        address=home.address,
        household=household,
        latitude=home.latitude,
        longitude=home.longitude,
        disability=_happens(stream, "disability"),
        recusals=job.recusals,
    )


def weighted(stream: Stream, weights: Mapping[str, int]) -> str:
    """Return one key, each as likely as its weight says."""
    rest = stream.below(sum(weights.values()))
    for key, weight in weights.items():
        if rest < weight:
            return key
        rest -= weight
    raise AssertionError


def pick(stream: Stream, items: Sequence[Choice]) -> Choice:
    """Return one of the items, each equally likely."""
    return items[stream.below(len(items))]


def _happens(stream: Stream, event: str) -> bool:
    return stream.below(1000) < PER_THOUSAND[event]


def _birth(stream: Stream, band: str, on: dt.date) -> tuple[int, dt.date]:
    youngest, oldest = (int(part) for part in band.split("-"))
    age = youngest + stream.below(oldest - youngest + 1)
    # The birthday lies within the year that ends today; 365 days never reach the next one.
    last = _years_before(on, age)
    return age, last - dt.timedelta(days=stream.below(365))


def _years_before(on: dt.date, years: int) -> dt.date:
    if (on.month, on.day) == (2, 29):
        on = on - dt.timedelta(days=1)
    return on.replace(year=on.year - years)


def _name(stream: Stream, sex: str) -> str:
    given = _pools()["given"]
    if _happens(stream, "middle_dot"):
        return f"{pick(stream, given['minority_' + sex])}·{pick(stream, given['minority_father'])}"
    surnames = _pools()["surnames"]
    compound = _happens(stream, "compound")
    surname = (
        pick(stream, surnames["compound"]) if compound else weighted(stream, surnames["common"])
    )
    first = "" if _happens(stream, "one_syllable") else pick(stream, given["first"])
    last = pick(stream, given["rare"] if _happens(stream, "rare") else given[sex])
    return f"{surname}{first}{last}"


def _national_id(stream: Stream, born: dt.date, sex: str, taken: set[str]) -> str:
    while True:
        serial = 2 * stream.below(500) + (sex == "male")
        body = f"{REGION}{born:%Y%m%d}{serial:03d}"
        if body not in taken:
            taken.add(body)
            return body + check_character(body)


def check_character(body: str) -> str:
    """Return the last character of an identity number from its 17 digits (GB 11643)."""
    total = sum(int(digit) * factor for digit, factor in zip(body, FACTORS, strict=True))
    return CHECKS[total % 11]


def _household(index: int, seed: str) -> int:
    stream = Stream(seed, f"household/{index}")
    if index == 0 or not _happens(stream, "shares_home"):
        return index
    return _household(index - 1 - stream.below(min(index, NEIGHBOURS)), seed)


def _home(household: int, seed: str) -> _Home:
    stream = Stream(seed, f"home/{household}")
    by_name = {district.name: district for district in districts()}
    district = by_name[weighted(stream, {d.name: d.population for d in districts()})]
    spread = SPREAD + district.population // PEOPLE_PER_SPREAD
    return _Home(
        district=district.name,
        address=district.name + _address(stream),
        latitude=_within(district.latitude + bell(stream, spread), LATITUDES),
        longitude=_within(district.longitude + bell(stream, spread), LONGITUDES),
    )


def _address(stream: Stream) -> str:
    pools = _pools()["homes"]
    if _happens(stream, "village"):
        return (
            f"{pick(stream, pools['towns'])}{pick(stream, pools['villages'])}"
            f"{1 + stream.below(12)}组{1 + stream.below(199)}号"
        )
    return (
        f"{pick(stream, pools['streets'])}{1 + stream.below(299)}号"
        f"{pick(stream, pools['estates'])}{1 + stream.below(28)}号楼"
        f"{1 + stream.below(4)}单元{1 + stream.below(11)}{1 + stream.below(4):02d}室"
    )


def _within(value: int, bounds: tuple[int, int]) -> int:
    return max(bounds[0], min(bounds[1], value))


def bell(stream: Stream, deviation: int) -> int:
    """Return an integer around 0, bell-shaped, never beyond 6 times the standard deviation."""
    total = sum(stream.below(2001) - 1000 for _ in range(12))
    return total * deviation // 2001


def _job(stream: Stream, category: str, age: int, district: str) -> _Job:
    occupations = _pools()["occupations"]
    kind = f"{category}{_stage(category, age)}"
    if category == "other" and age < OLD:
        return _official(stream, district)
    units = _near(district)
    left = _happens(stream, "worked_in_unit")
    former = pick(stream, units)[0]
    return _Job(
        occupation=pick(stream, occupations[kind]),
        employer=_firm(stream) if category == "enterprise" else "",
        recusals=(former,) if left else (),
    )


def _stage(category: str, age: int) -> str:
    if age >= OLD and category != "self_employed":
        return "_old"
    return "_young" if age < YOUNG and category == "resident" else ""


def _official(stream: Stream, district: str) -> _Job:
    occupations = _pools()["occupations"]
    if _happens(stream, "in_unit"):
        own = [unit for unit in _units() if unit[2] == district]
        near = own if own and _happens(stream, "own_district") else _near(district)
        code, name, *_ = pick(stream, near)
        return _Job(pick(stream, occupations["other"]), name, (code,))
    body, post = pick(stream, _pools()["public_bodies"]["posts"])
    return _Job(post, f"{district}{body}")


def _firm(stream: Stream) -> str:
    firms = _pools()["firms"]
    return f"济宁{pick(stream, firms['names'])}{pick(stream, firms['trades'])}有限公司"


@functools.cache
def _near(district: str) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(unit for unit in _units() if unit[3] == "city" or unit[2] == district)
