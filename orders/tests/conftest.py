import pytest


@pytest.fixture
def shop(db):
    from orders.tests.shop import open_shop  # models may be imported only once Django is set up

    return open_shop()
