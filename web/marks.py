"""A mark of the year in words: what each part was made of, where it comes from, what it weighs."""

from __future__ import annotations

from typing import Any, Final

from panel.assessments.types import ComplaintsInput, Component, Detail, LineView, Minus
from panel.rulebook.types import Rulebook
from panel.score import half_up
from web import i18n, standings
from web.pages import Request

_SHARE: Final = 100


def share(hundredths: int) -> str:
    """Return a share in percent as short as it is."""
    whole, rest = divmod(hundredths, _SHARE)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def ratio(value: tuple[int, int] | None) -> str:
    """Return a fraction with two decimals."""
    return "—" if value is None else i18n.score(half_up(_SHARE * value[0], value[1]))


def explained(
    request: Request, line: LineView, book: Rulebook, *, own: bool = False
) -> dict[str, Any]:
    """Return everything that a page says of one line, ready to be shown.

    The unit's ``own`` page tells no number of answers that would leave a handful by difference.
    """
    mark = line.mark
    return {
        "line": line,
        "name": standings.called(line.unit_name, line.unit_name_en, request.lang),
        "group": standings.group_name(book, line.group, request.lang),
        "formula": book.assessment.formula,
        "parts": [
            {
                "label": request.text(f"component.{part.component.value}"),
                "planned": share(part.planned),
                "share": share(part.share),
                "value": part.value,
                "facts": facts(request, line, part.component, own=own),
            }
            for part in mark.parts
        ],
        "minus": [
            {
                "label": request.text(f"minus.{each.kind.value}"),
                "count": each.count,
                "points": each.points,
                "facts": [] if mark.parts else _minus_facts(request, line, each.kind),
            }
            for each in mark.deductions
        ],
        "limit": book.assessment.deductions_most * _SHARE if mark.parts else None,
        "over": mark.deducted is not None
        and sum(each.points for each in mark.deductions) > mark.deducted,
    }


def facts(request: Request, line: LineView, component: Component, *, own: bool) -> list[str]:
    """Return what a component was made of, as short sentences with the source last."""
    if component is Component.COLLECTIVE:
        return _collective(request, line, own=own)
    return {
        Component.VISITS: _visits,
        Component.COMPLAINTS: _complaints,
        Component.RECTIFICATION: _rectification,
        Component.SURVEY: _survey,
    }[component](request, line)


def _visits(request: Request, line: LineView) -> list[str]:
    given = line.inputs.visits
    if given is None:
        return []
    if given.place is None:
        return [request.text("Not ranked: too few visits, or listed only.")]
    return [
        request.text("Place {place} of {ranked} in the published ranking.",
                     place=given.place, ranked=given.ranked),
        request.text("Source: list {code}", code=given.snapshot),
    ]  # fmt: skip


def _collective(request: Request, line: LineView, *, own: bool) -> list[str]:
    given = line.inputs.collective
    if given is None:
        return []
    if own:
        told = request.text(
            "{valid} valid ballots; {returned} of {issued} given out came back.",
            valid=given.valid,
            returned=given.returned,
            issued=given.issued,
        )
        return [told, request.text("Source: session {codes}", codes="、".join(given.sessions))]
    return [
        request.text("{judged} ballots judge the unit, of {valid} valid ones; {returned} of {issued} given out came back.",  # noqa: E501
                     judged=sum(given.levels), valid=given.valid, returned=given.returned,
                     issued=given.issued),
        request.text("Source: session {codes}", codes="、".join(given.sessions)),
    ]  # fmt: skip


def _complaints(request: Request, line: LineView) -> list[str]:
    given = line.inputs.complaints
    if given is None:
        return []
    if not given.received:
        return [request.text("No complaint came in: the part is left out, not counted as full.")]
    found = [_detail(request, line, given, each) for each in line.mark.details]
    found.append(request.text("Source: complaint numbers, months: {n}", n=given.months))
    if given.source:
        found.append(request.text("Source: {name}", name=given.source))
    return found


def _detail(request: Request, line: LineView, given: ComplaintsInput, detail: Detail) -> str:
    value = "—" if detail.value is None else i18n.score(detail.value)
    if detail.key == "upheld":
        return request.text(
            "Upheld {upheld} of {received}, {rate} per 10,000 matters; nine in ten of the group have at most {peer}: {value} points, {share} %",  # noqa: E501
            upheld=given.upheld, received=given.received, rate=ratio(line.mark.rate),
            peer=ratio(line.mark.peer_rate), value=value, share=detail.share,
        )  # fmt: skip
    if detail.key == "on_time":
        return request.text(
            "Closed on time {part} of {whole}: {value} points, {share} %",
            part=given.on_time, whole=given.closed, value=value, share=detail.share,
        )  # fmt: skip
    return request.text(
        "Satisfied {part} of {whole} who were asked: {value} points, {share} %",
        part=given.satisfied, whole=given.asked, value=value, share=detail.share,
    )  # fmt: skip


def _rectification(request: Request, line: LineView) -> list[str]:
    given = line.inputs.rectification
    if given is None:
        return [request.text("No order was due.")]
    return [
        request.text("Orders due: {due}; verified in time: {in_time}, late: {late}; came again: {again}.",  # noqa: E501
                     due=given.due, in_time=given.in_time, late=given.late,
                     again=given.recurrences),
        request.text("Source: orders {codes}", codes="、".join(given.orders)),
    ]  # fmt: skip


def _survey(request: Request, line: LineView) -> list[str]:
    given = line.inputs.survey
    if given is None:
        return []
    told = (
        request.text("{valid} valid answers; {returned} of {issued} given out came back ({rate} %).",  # noqa: E501
                     valid=given.valid, returned=given.returned, issued=given.issued,
                     rate=i18n.score(half_up(10_000 * given.returned, given.issued)))
        if given.issued
        else request.text("How many were given out is not known, so there is no rate of return.")
    )  # fmt: skip
    return [told, request.text("Source: {name}", name=given.source)]


def _minus_facts(request: Request, line: LineView, kind: Minus) -> list[str]:
    """Return the sources of a deduction where the formula has no components to stand with."""
    if kind is Minus.LATE:
        return _rectification(request, line)
    return _complaints(request, line)[-2:] if kind is Minus.UPHELD else []


def levels(request: Request, line: LineView) -> str:
    """Return the answers on the ballots one by one; for the office alone."""
    given = line.inputs.collective
    if given is None:
        return ""
    return request.text(
        "Answers, the best first: {levels}; do not know the unit: {unknown}",
        levels="、".join(str(each) for each in given.levels), unknown=given.unknown,
    )  # fmt: skip
