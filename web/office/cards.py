"""What a member is handed: the printed card that opens the account, and the certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import commands as accounts
from panel.accounts.types import CardRequest
from panel.actor import Role
from panel.ids import Code, PersonId, read_code
from panel.members import queries as members
from panel.members.types import MemberView
from panel.recruitment import queries
from panel.vault import commands as vault
from panel.workdays import SHANGHAI
from web import documents, qr
from web.forms import Form, fields
from web.pages import Request, page
from web.text.campaigns import text

BATCH: Final = 100


async def _serving(request: Request, campaign: Code) -> list[MemberView]:
    """Return a campaign's members who did not leave; a renewed term counts once it has begun."""
    today = request.at.astimezone(SHANGHAI).date()
    return [
        each
        for each in await members.of_campaign(campaign)
        if not each.left and not (each.previous and each.term_start > today)
    ]


async def _offer(request: Request, code: str, template: str) -> Response[str]:
    """Offer batches to print."""
    campaign = await queries.campaign(read_code(code))
    count = len(await _serving(request, campaign.code))
    return page(
        request,
        template,
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        batches=[
            {"number": place, "first": first + 1, "last": min(first + BATCH, count)}
            for place, first in enumerate(range(0, count, BATCH))
        ],
        issued=[],
        may=request.actor.may(Role.COORDINATOR),
    )


async def _batch(request: Request, campaign: Code, form: Form) -> list[MemberView]:
    """Return the members of the batch, or the one, that a form means."""
    everybody = await _serving(request, campaign)
    wanted = form.text("member")
    if wanted:
        return [each for each in everybody if each.code == wanted]
    first = max(form.integer("batch") * BATCH, 0)
    return everybody[first : first + BATCH]


async def _names(request: Request, batch: Sequence[MemberView], reason: str) -> dict[PersonId, str]:
    """Open the names that are printed, on the record."""
    found = await vault.look_many(
        request.actor, [each.person for each in batch], ("name",), reason, at=request.at
    )
    return {person: identity.name for person, identity in found.items()}


@get("/recruitment/{code:str}/cards")
async def cards(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer the member cards in batches; a card can be seen only right after it was issued."""
    return await _offer(request, code, "office/cards/cards.html")


@post("/recruitment/{code:str}/cards", roles=(Role.COORDINATOR,), status_code=200)
async def issue(request: Request, code: FromPath[str]) -> Response[str]:
    """Issue a batch of cards, which makes earlier ones of these members worthless."""
    campaign = await queries.campaign(read_code(code))
    batch = await _batch(request, campaign.code, await fields(request))
    names = await _names(request, batch, request.text("Printing member cards"))
    issued = await accounts.issue_cards(
        request.actor,
        [CardRequest(member=each.code, person=each.person) for each in batch],
        at=request.at,
    )
    persons = {each.code: each.person for each in batch}
    label = request.text("Opens the member's account")
    return page(
        request,
        "office/cards/cards.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        batches=[],
        issued=[
            {
                "card": card,
                "name": names.get(persons[card.member], ""),
                "symbol": qr.svg(f"{request.config.base_url}/m/card/{card.token}", label),
            }
            for card in issued
        ],
        may=True,
    )


@get("/recruitment/{code:str}/certificates")
async def certificates(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer the certificates of appointment in batches."""
    return await _offer(request, code, "office/cards/certificates.html")


@post("/recruitment/{code:str}/certificates", roles=(Role.COORDINATOR,), status_code=200)
async def print_certificates(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show a batch of certificates for printing, one A4 page each; each name opened is logged."""
    campaign = await queries.campaign(read_code(code))
    form = await fields(request)
    batch = await _batch(request, campaign.code, form)
    names = await _names(request, batch, request.text("Printing certificates"))
    label = request.text("Checks the certificate")
    base = f"{request.config.base_url}/{request.lang}/certificate"
    answer = page(
        request,
        "office/cards/certificates.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        batches=[],
        issued=[
            {
                "member": each,
                "name": names.get(each.person, ""),
                "symbol": qr.svg(f"{base}/{each.certificate}", label),
            }
            for each in batch
            if each.certificate
        ],
        base=base,
        may=True,
    )
    title = request.text("Certificate of appointment")
    return await documents.offered(request, answer, title, form=form.text("as"))


handlers: list[Any] = [cards, issue, certificates, print_certificates]
