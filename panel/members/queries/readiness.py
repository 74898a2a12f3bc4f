"""Who may be sent by a round: certificates and pledges weighed by the round's own measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from panel.chance import digest
from panel.ids import Code
from panel.members.queries.seats import qualified
from panel.members.queries.training import certificates_of
from panel.members.types import CertificateView, MemberView
from panel.rulebook import queries as rulebook
from panel.rulebook.types import RulebookVersion
from panel.workdays import SHANGHAI

_Marks = dict[str, str]
"""The fingerprint of each form of one version, by its key."""


async def ready_for(version: RulebookVersion, *, at: dt.datetime) -> list[MemberView]:
    """Return the qualified members whom a round under a version of the measures may send.

    They pledged its code of conduct, or the one in force by now, and hold a certificate for each
    of its forms as it reads there or in the measures in force. So a new code or a changed form
    asks again before the next round, and never in the middle of one.
    """
    versions = {each.code: each for each in await rulebook.versions()}
    newest = await rulebook.current()
    members = await qualified(at)
    held = await certificates_of(members)
    marks = {code: _marks(each) for code, each in versions.items()}
    accepted = (marks[version.code], marks[newest.code])
    wanted = {
        form: {each[form] for each in accepted if form in each} for form in version.rulebook.judged
    }
    conducts = {each.rulebook.conduct.version for each in (version, newest)}
    today = at.astimezone(SHANGHAI).date()
    return [
        each
        for each in members
        if each.pledged_to(conducts) and _covers(wanted, held[each.code], marks, today)
    ]


def _covers(
    wanted: dict[str, set[str]],
    papers: Iterable[CertificateView],
    marks: dict[Code, _Marks],
    today: dt.date,
) -> bool:
    """Tell whether certificates that hold today cover each form as it is wanted."""
    covered = {
        paper.form
        for paper in papers
        if paper.valid_until >= today
        and marks.get(paper.rulebook, {}).get(paper.form) in wanted.get(paper.form, ())
    }
    return covered >= set(wanted)


def _marks(version: RulebookVersion) -> _Marks:
    """Return the fingerprints of a version's forms: wording, weights, everything counts."""
    return {form.key: digest(msgspec.to_builtins(form)) for form in version.rulebook.forms}
