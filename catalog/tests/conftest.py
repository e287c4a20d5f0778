from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _fresh_categories() -> Iterator[None]:
    """Rows that a test's rollback takes away leave no trace in the kept tree."""
    from catalog.categories import forget_categories

    forget_categories()
    yield
    forget_categories()
