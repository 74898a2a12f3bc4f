"""Who walks through all pages, and what they found so far."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town

FOLDER = "walk"


class Walk:
    """Three people with browsers of their own, in one town."""

    def __init__(self, town: Town, desk: Person, phone: Person, reader: Person) -> None:
        """Begin at the desk, where staff take turns."""
        self.town = town
        self.desk = desk
        self.phone = phone
        self.reader = reader
        self.campaign = self.run = self.round = self.task = self.key = ""
        self.card = self.member = self.appeal = self.release = ""
        self.receipts: dict[int, tuple[str, str]] = {}
        """Ticket and receipt code of applicants, by the number of the applicant."""

    async def upload(self, name: str, data: bytes) -> None:
        """Choose a file on the desk's page."""
        await self.desk.attach("file", name, data)

    async def at_desk(self, login: str, page: str = "") -> None:
        """Let somebody of the staff take the desk and open a page of the campaign."""
        await self.town.sign_in(self.desk, login)
        await self.desk.go(f"/office/recruitment/{self.campaign}{page}")

    async def at_ranking(self, login: str, page: str = "") -> None:
        """Let somebody of the staff take the desk and open a page of the ranking."""
        await self.town.sign_in(self.desk, login)
        await self.desk.go(f"/office/rankings/{self.round}{page}")

    async def open_own(self, who: Person, number: int) -> None:
        """Open an application by ticket and receipt code."""
        ticket, receipt = self.receipts[number]
        await who.go(f"/{who.lang}/recruitment/{self.campaign}/own?ticket={ticket}")
        await who.type(receipt=receipt)
        await who.press("Open my application")

    @property
    def faults(self) -> list[str]:
        """Return what anybody found."""
        return [*self.desk.faults, *self.phone.faults, *self.reader.faults]


async def begin(browser: Browser, town: Town) -> Walk:
    """Give the three their browsers; one of them reads English."""
    desk = await person(browser, town.base, FOLDER, DESK)
    phone = await person(browser, town.base, FOLDER)
    reader = await person(browser, town.base, FOLDER, DESK)
    await reader.speak("en")
    return Walk(town, desk, phone, reader)
