"""Codes of RFC 6238, passwords, PINs, roles, and how tries slow down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.accounts import rules
from panel.actor import Role
from panel.errors import Invalid
from panel.ids import Code

_SECRET = b"12345678901234567890"
AT = datetime(2026, 3, 2, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert rules.totp_code(_SECRET, seconds // rules.STEP) == code


def test_a_code_counts_one_step_early_and_late_but_not_two() -> None:
    step = rules.step_at(AT)
    for distance, fits in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = rules.totp_code(_SECRET, step + distance)
        assert (rules.matching_step(_SECRET, code, AT) is not None) == fits


def test_a_code_that_was_used_is_refused() -> None:
    step = rules.step_at(AT)
    code = rules.totp_code(_SECRET, step)
    assert rules.matching_step(_SECRET, code, AT, after=step - 1) == step
    assert rules.matching_step(_SECRET, code, AT, after=step) is None


@given(st.text(max_size=12).filter(lambda text: len("".join(text.split())) != 6))
def test_no_text_of_another_length_is_a_code(text: str) -> None:
    assert rules.matching_step(_SECRET, text, AT) is None


def test_a_code_typed_with_a_gap_counts() -> None:
    code = rules.totp_code(_SECRET, rules.step_at(AT))
    assert rules.matching_step(_SECRET, f" {code[:3]} {code[3:]}", AT) is not None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.short"),
        ("1234567", "password.short"),
        ("x" * 129, "password.long"),
        ("password", "password.common"),
        ("Passw0rd!", "password.common"),
        ("aaaaaaaaaa", "password.common"),
        ("abababababab", "password.common"),
        ("my-zhang-2026", "password.common"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_password(password, "zhang")
    assert [fault.code for fault in refusal.value.faults] == [code]


@pytest.mark.parametrize("password", ["eight-ok", "四个汉字也可以当密码", "correct horse"])
def test_a_password_needs_no_composition(password: str) -> None:
    rules.check_password(password, "zhang")


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("12345", "pin.form"),
        ("1234567", "pin.form"),
        ("12345a", "pin.form"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16", "pin.form"),
        ("000000", "pin.easy"),
        ("123456", "pin.easy"),
        ("987654", "pin.easy"),
        ("121212", "pin.easy"),
        ("135135", "pin.easy"),
        ("904217", "pin.easy"),
    ],
)
def test_an_easy_pin_is_refused(pin: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_pin(pin, "0421")
    assert [fault.code for fault in refusal.value.faults] == [code]


def test_an_ordinary_pin_is_taken() -> None:
    rules.check_pin("580264", "0421")


@pytest.mark.parametrize(
    ("roles", "small_team", "fault"),
    [
        ([Role.COORDINATOR, Role.PUBLISHER], True, None),
        ([Role.COORDINATOR, Role.PUBLISHER], False, "account.roles_apart"),
        ([Role.ADMINISTRATOR, Role.COORDINATOR], True, "account.roles_apart"),
        ([Role.AUDITOR, Role.REVIEWER], True, "account.roles_apart"),
        ([Role.MEMBER], True, "account.role_not_given"),
        ([Role.LIAISON], True, "account.liaison_unit"),
        ([], True, "form.required"),
    ],
)
def test_roles_that_exclude_each_other_are_refused(
    roles: list[Role],
    small_team: bool,  # noqa: FBT001 - a column of the table above
    fault: str | None,
) -> None:
    found = rules.role_faults(frozenset(roles), None, small_team=small_team)
    assert [one.code for one in found] == ([fault] if fault else [])


def test_a_unit_belongs_to_a_liaison_only() -> None:
    unit = Code("0000000000")
    assert rules.role_faults(frozenset({Role.LIAISON}), unit, small_team=False) == []
    assert rules.role_faults(frozenset({Role.REVIEWER}), unit, small_team=False)


@pytest.mark.parametrize("login", ["", "a", "张三", "a b", "x" * 41, ".abc", "abc."])
def test_a_sign_in_name_that_can_t_be_typed_anywhere_is_refused(login: str) -> None:
    with pytest.raises(Invalid):
        rules.check_account(
            rules.tidy_login(login), [Role.REVIEWER], "评议办", None, small_team=True
        )


def test_a_code_of_thirty_seconds_can_be_tried_ten_times_at_most() -> None:
    tries, moment = 0, timedelta(0)
    while moment <= timedelta(seconds=3 * rules.STEP):
        tries += 1
        moment += max(rules.wait_after(tries), timedelta(milliseconds=1))
        if tries > 10:
            break
    assert tries <= 10


def test_a_name_waits_longer_and_longer_but_never_for_ever() -> None:
    waits = [rules.wait_after(tries) for tries in range(60)]
    assert waits[:3] == [timedelta(0)] * 3
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=10)


def test_an_address_is_slowed_down_and_never_locked() -> None:
    delays = [rules.address_delay(failures) for failures in range(5000)]
    assert delays[30] == 0
    assert delays == sorted(delays)
    assert delays[-1] == 2.0
