"""Single places read out of a published file."""

from __future__ import annotations

import hashlib

import pytest

from panel.errors import Conflict
from panel.recruitment.rules import places

FILE = b"""panel lottery 1
facts {"campaign":"C"}
list 000: AAAA BBBB
reserve 000: CCCC
totals 000: 2
list 001: BBBB CCCC
reserve 001:
totals 001: 2
ticket AAAA resident 1 0
"""
SHA = hashlib.sha256(FILE).hexdigest()


def test_a_number_names_its_list_and_reserve() -> None:
    assert places.of_number(FILE, 0, 2, SHA) == (("AAAA", "BBBB"), ("CCCC",))
    assert places.of_number(FILE, 1, 2, SHA) == (("BBBB", "CCCC"), ())


def test_a_ticket_stands_on_its_lists_and_no_other_ticket_does() -> None:
    assert places.of_ticket(FILE, "BBBB") == (("000", "001"), ())
    assert places.of_ticket(FILE, "CCCC") == (("001",), ("000",))
    for other in ("BBB", "DDDD", "resident", "2"):
        assert places.of_ticket(FILE, other) == ((), ())


def test_a_file_that_was_changed_gives_nobody_a_seat() -> None:
    with pytest.raises(Conflict, match=r"lottery\.file"):
        places.of_number(FILE.replace(b"AAAA", b"DDDD"), 0, 2, SHA)
