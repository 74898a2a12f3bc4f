"""What all journeys share: one browser, and a town for each file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.journeys import browser as real
from tests.journeys import town as towns
from tests.journeys.town import Town


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser once."""
    async with real.opened() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """Serve an empty town whose clock the journey moves."""
    with pytest.MonkeyPatch.context() as patch:
        async with towns.served(tmp_path_factory.mktemp("town"), patch) as found:
            yield found


_LONG = (
    "test_sample_findings.py",
    "test_sample_office.py",
    "test_sample_targeting.py",
    "test_sample_year.py",
    "test_upheld.py",
)
"""Long walks over desks whose steps each have tests of their own: too long for every run, so they
belong to ``make look``."""
collect_ignore = [] if real.WHOLE else list(_LONG)
