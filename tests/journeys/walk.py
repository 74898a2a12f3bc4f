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
        self.campaign = self.round = self.card = self.task = self.key = ""

    async def upload(self, name: str, data: bytes) -> None:
        """Choose a file on the desk's page."""
        await self.desk.field("file").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": data}
        )

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
