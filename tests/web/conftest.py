"""The site over a hub in memory, and somebody who has signed in."""

from __future__ import annotations

import pytest

from tests.web.builders import MemoryHub, make_hub, make_site
from tests.web.visitor import Visitor


@pytest.fixture
def hub() -> MemoryHub:
    return make_hub()


@pytest.fixture
def jo(hub: MemoryHub) -> Visitor:
    visitor = Visitor(make_site(hub))
    visitor.sign_in("Jo")
    return visitor
