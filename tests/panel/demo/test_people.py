"""Invented applicants: real shares, no real number, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import pytest

from panel.demo.people import (
    AGE_BANDS,
    LATITUDES,
    LONGITUDES,
    MOST,
    REFERENCE_DAY,
    SampleApplicant,
    applicants,
    check_character,
    districts,
    rows,
)

COUNT = 3000


@pytest.fixture(scope="module")
def people() -> list[SampleApplicant]:
    """Invent the applicants of the sample city."""
    return list(applicants(COUNT, "sample"))


def test_the_same_seed_invents_the_same_people(people: list[SampleApplicant]) -> None:
    assert list(applicants(200, "sample")) == people[:200]


def test_another_seed_invents_others(people: list[SampleApplicant]) -> None:
    other = list(applicants(200, "other"))
    assert all(here != there for here, there in zip(other, people, strict=False))


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_more_people_than_telephone_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="can be invented"):
        next(applicants(number, "sample"))


def test_nobody_is_invented_twice(people: list[SampleApplicant]) -> None:
    assert len(people) == COUNT
    assert len({person.national_id for person in people}) == COUNT
    assert len({person.phone for person in people}) == COUNT


def test_telephones_are_of_a_pattern_never_given_out(people: list[SampleApplicant]) -> None:
    deputies = {unit["副联络员电话"] for unit in rows("units.csv")}
    for person in people:
        assert person.phone.startswith("1990000")
        assert len(person.phone) == 11
        assert person.phone not in deputies


def test_check_character_of_a_published_example() -> None:
    assert check_character("11010519491231002") == "X"  # GB 11643, the standard's own example


def test_identity_numbers_check_but_belong_to_no_region(people: list[SampleApplicant]) -> None:
    for person in people:
        number = person.national_id
        assert len(number) == 18
        assert number.startswith("999999")
        assert number[6:14] == f"{person.born:%Y%m%d}"
        assert int(number[16]) % 2 == (person.sex == "male")
        assert number[17] == check_character(number[:17])


def test_ages_are_those_of_the_day(people: list[SampleApplicant]) -> None:
    for person in people:
        birthday_passed = (REFERENCE_DAY.month, REFERENCE_DAY.day) >= (
            person.born.month,
            person.born.day,
        )
        assert person.age == REFERENCE_DAY.year - person.born.year - (not birthday_passed)
        youngest, oldest = (int(part) for part in person.age_band.split("-"))
        assert youngest <= person.age <= oldest


def test_a_leap_day_is_a_day_like_others() -> None:
    people = list(applicants(300, "sample", on=dt.date(2028, 2, 29)))
    assert all(18 <= person.age <= 70 for person in people)


def _shares(people: list[SampleApplicant], feature: str) -> dict[str, float]:
    counts = Counter(str(getattr(person, feature)) for person in people)
    return {value: 100 * count / len(people) for value, count in counts.items()}


def test_ages_and_sexes_have_the_shares_of_a_real_city(people: list[SampleApplicant]) -> None:
    ages = _shares(people, "age_band")
    assert set(ages) == set(AGE_BANDS)
    assert all(abs(ages[band] - share) < 3 for band, share in AGE_BANDS.items())
    assert abs(_shares(people, "sex")["female"] - 49) < 3


def test_districts_have_the_shares_of_their_population(people: list[SampleApplicant]) -> None:
    total = sum(district.population for district in districts())
    found = _shares(people, "district")
    for district in districts():
        assert abs(found[district.name] - 100 * district.population / total) < 2.5


def test_officials_apply_far_beyond_their_fifth_of_the_seats(
    people: list[SampleApplicant],
) -> None:
    shares = _shares(people, "category")
    assert set(shares) == {"enterprise", "self_employed", "resident", "other"}
    assert 32 < shares["other"] < 38
    assert all(share > 12 for share in shares.values())


def test_people_of_one_household_share_a_home_and_others_do_not(
    people: list[SampleApplicant],
) -> None:
    homes: dict[int, set[tuple[str, str, int, int]]] = defaultdict(set)
    for person in people:
        homes[person.household].add(
            (person.district, person.address, person.latitude, person.longitude)
        )
    assert all(len(places) == 1 for places in homes.values())
    assert len({person.address for person in people}) == len(homes)
    assert 100 < COUNT - len(homes) < 350


def test_homes_lie_inside_the_city_and_their_address_names_the_district(
    people: list[SampleApplicant],
) -> None:
    for person in people:
        assert LATITUDES[0] <= person.latitude <= LATITUDES[1]
        assert LONGITUDES[0] <= person.longitude <= LONGITUDES[1]
        assert person.address.startswith(person.district)


def test_some_have_worked_in_an_evaluated_unit(people: list[SampleApplicant]) -> None:
    units = {unit["单位编号"]: unit["单位名称"] for unit in rows("units.csv")}
    concerned = [person for person in people if person.recusals]
    assert all(ref in units for person in concerned for ref in person.recusals)
    assert 0.08 < len(concerned) / COUNT < 0.2
    for person in people:
        if person.employer in units.values():
            assert [units[ref] for ref in person.recusals] == [person.employer]


def test_everyone_has_an_occupation_and_only_some_an_employer(
    people: list[SampleApplicant],
) -> None:
    for person in people:
        assert person.occupation
        if person.category == "enterprise":
            assert person.employer
        if person.category in {"resident", "self_employed"}:
            assert not person.employer


def test_names_include_the_ones_that_forms_often_break_on(people: list[SampleApplicant]) -> None:
    names = [person.name for person in people]
    assert any("·" in name for name in names)
    assert any(name.startswith(("欧阳", "诸葛", "东野")) for name in names)
    assert any(ord(character) > 0xFFFF for name in names for character in name)
    assert all(2 <= len(name) <= 12 for name in names)


def test_some_declare_a_disability(people: list[SampleApplicant]) -> None:
    assert 0.02 < sum(person.disability for person in people) / COUNT < 0.08
