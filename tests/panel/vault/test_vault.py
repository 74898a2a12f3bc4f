"""Identities are unreadable without the keys, and every look is on the record."""

import pytest

from panel import db, keys
from panel.errors import Closed, Conflict, Invalid, Missing
from panel.ids import PersonId
from panel.keys import KeyFault
from panel.vault import commands, queries, rules
from panel.vault.tables import Field, Person
from panel.vault.types import FIELDS, Identity, Purpose
from tests import people
from tests.make import vault as make

pytestmark = pytest.mark.usefixtures("engine")


async def test_a_person_reads_back_the_own_data() -> None:
    number = await make.person(3)
    assert await queries.reveal_own(number) == make.identity(3)


async def test_the_stored_rows_hold_no_name_phone_or_number() -> None:
    await make.person(3)
    rows = [*await Person.select(), *await Field.select()]
    text = repr(rows)
    for value in ("林示例", "13900000003", "990000198001010003", "示例路", "示例公司"):
        assert value not in text
        assert repr(value.encode())[2:-1] not in text


async def test_two_equal_fields_have_different_ciphertexts_and_keys() -> None:
    first, second = await make.person(3), await make.person(3)
    sealed = await Field.select(Field.sealed).where(Field.name == "name")
    assert len({bytes(row["sealed"]) for row in sealed}) == 2
    assert first != second


async def test_a_ciphertext_moved_to_another_person_or_column_is_refused() -> None:
    first, second = await make.people(2)
    row = await Field.select().where(Field.person == first, Field.name == "name").first()
    assert row is not None
    await Field.update({Field.sealed: bytes(row["sealed"])}).where(
        Field.person == second, Field.name == "name"
    )
    with pytest.raises(KeyFault):
        await queries.reveal_own(second)
    await Field.update({Field.sealed: bytes(row["sealed"])}).where(
        Field.person == first, Field.name == "phone"
    )
    with pytest.raises(KeyFault):
        await queries.reveal_own(first)


async def test_a_foreign_key_opens_nothing(own_keys: keys.Keys) -> None:
    number = await make.person(3)
    keys.bind(keys.Keys({name: bytes(32) for name in keys.NAMES}))
    try:
        with pytest.raises(KeyFault):
            await queries.reveal_own(number)
    finally:
        keys.bind(own_keys)


async def test_each_purpose_has_its_own_outer_key() -> None:
    number = await make.person(3)
    await Person.update({Person.purpose: Purpose.REPORTER.value}).where(Person.id == number)
    with pytest.raises(KeyFault):
        await queries.reveal_own(number)


async def test_the_same_person_twice_in_a_namespace_is_a_conflict() -> None:
    await commands.enrol(make.identity(3), at=make.AT, unique="CAMPAIGN1")
    await commands.enrol(make.identity(3), at=make.AT, unique="CAMPAIGN2")
    with pytest.raises(Conflict, match=r"person\.known"):
        await commands.enrol(make.identity(3, "另一个名字"), at=make.AT, unique="CAMPAIGN1")
    with pytest.raises(Conflict, match=r"person\.known"):
        await commands.enrol_many(
            [make.identity(4), make.identity(3)], at=make.AT, unique="CAMPAIGN1"
        )
    assert await Person.count() == 2


async def test_a_refused_enrolment_leaves_the_transaction_usable() -> None:
    await commands.enrol(make.identity(3), at=make.AT, unique="C")
    async with db.transaction():
        known = await queries.known([make.identity(3), make.identity(4)], "C")
        assert known == {0}
        await commands.enrol(make.identity(4), at=make.AT, unique="C")
    assert await Person.count() == 2


async def test_known_names_positions_also_of_repetitions_in_the_list() -> None:
    await commands.enrol(make.identity(1), at=make.AT, unique="C")
    found = await queries.known(
        [make.identity(2), make.identity(1), make.identity(2), make.identity(3)], "C"
    )
    assert found == {1, 2}


async def test_a_family_on_one_phone_is_not_one_person() -> None:
    first = Identity(name="甲示例", phone="139 0000 0001")
    second = Identity(name="乙示例", phone="13900000001")
    await commands.enrol(first, at=make.AT, unique="C")
    await commands.enrol(second, at=make.AT, unique="C")
    assert await queries.person_like(Identity(name="甲示例", phone="13900000001"), "C") is not None
    assert await queries.person_like(Identity(name="丙示例", phone="13900000001"), "C") is None


async def test_a_look_is_logged_and_shown_to_the_person() -> None:
    first, second = await make.people(2)
    seen = await commands.look(people.coordinator, first, ("name", "phone"), "回电", at=make.AT)
    assert seen == Identity(name="林示例", phone="13900000001")
    (line,) = await queries.looks(first)
    assert (line.looker, line.fields, line.reason) == ("coordinator", ("name", "phone"), "回电")
    assert line.at == make.AT
    assert await queries.looks(second) == []


async def test_a_look_without_reason_or_at_no_such_field_is_refused() -> None:
    number = await make.person()
    for fields, reason in ((("name",), " "), ((), "回电"), (("password",), "回电")):
        with pytest.raises(Invalid):
            await commands.look(people.coordinator, number, fields, reason, at=make.AT)
    assert await queries.looks(number) == []
    with pytest.raises(Missing):
        await commands.look(people.coordinator, PersonId(10**6), ("name",), "x", at=make.AT)


async def test_erasing_destroys_key_and_fields_for_good() -> None:
    number = await commands.enrol(make.identity(3), at=make.AT, unique="C")
    await commands.erase(people.coordinator, number, "本人要求", at=make.AT)
    row = await Person.select().where(Person.id == number).first()
    assert row is not None
    assert bytes(row["wrapped_key"]) == b""
    assert row["id_hash"] is None
    assert all(bytes(field["sealed"]) == b"" for field in await Field.select())
    with pytest.raises(Closed, match=r"person\.erased"):
        await queries.reveal_own(number)
    with pytest.raises(Closed):
        await commands.look(people.coordinator, number, ("name",), "x", at=make.AT)
    with pytest.raises(Closed):
        await commands.erase(people.coordinator, number, "x", at=make.AT)
    assert await queries.phone_ends(number, "0003") is False
    await commands.enrol(make.identity(3), at=make.AT, unique="C")


async def test_a_changed_phone_replaces_the_old_one() -> None:
    number = await commands.enrol(Identity(name="林示例", phone="13900000001"), at=make.AT)
    await commands.replace(number, Identity(name="林示例", phone="13900000002", employer="新"))
    assert await queries.reveal_own(number) == Identity(
        name="林示例", phone="13900000002", employer="新"
    )


async def test_the_end_of_a_phone_is_told_without_showing_it() -> None:
    number = await make.person(42)
    assert await queries.phone_ends(number, "0042")
    assert await queries.phone_ends(number, "\uff10\uff10\uff14\uff12 ")
    for wrong in ("0043", "042", "00042", "", "abcd"):
        assert not await queries.phone_ends(number, wrong)


async def test_names_are_given_for_staff_only_and_masked_for_the_public() -> None:
    member = await make.person(1)
    staff = await make.person(2, purpose=Purpose.STAFF)
    assert await queries.names([member, staff]) == {staff: "林示例"}
    assert await queries.masked_names([member]) == {member: "林**"}
    assert rules.masked("Jane Sample") == "J*** S*****"


async def test_an_identity_in_a_log_line_shows_nothing() -> None:
    assert "林" not in repr(make.identity())
    assert "林" not in f"{make.identity()}"


async def test_three_thousand_identities_are_enrolled_at_once() -> None:
    identities = [make.identity(n) for n in range(3000)]
    numbers = await commands.enrol_many(identities, at=make.AT, unique="C")
    assert len(set(numbers)) == 3000
    assert await queries.reveal_own(numbers[1234]) == identities[1234]
    opened = await queries.opened(numbers, FIELDS)
    assert [opened[number] for number in numbers] == identities
