"""Fixtures of the API's tests."""

from collections.abc import Iterator

import pytest

from tests.support.servers import Gate


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A start that waits to be let on, at the latest when the test is over."""
    made = Gate()
    yield made
    made.open.set()
