"""What the worker meets when its Redis has gone, at the places where it used to die of it."""

import pytest
from kombu import Connection
from redis.exceptions import ConnectionError as RedisConnectionError

from livecommerce.celery import app


@pytest.fixture
def channel():
    with app.connection_for_write() as connection:
        yield connection.default_channel


def test_the_site_uses_it(channel):
    assert type(channel).__name__ == "SteadyChannel"
    channel.client.ping()


@pytest.mark.parametrize("gone", ["connection", "client"])
def test_using_a_lost_connection_is_a_connection_error(gone):
    connection: Connection = app.connection_for_write()
    channel = connection.channel()
    transport = channel.connection
    if gone == "client":
        transport.client = None
    else:
        channel.connection = None
    with pytest.raises(RedisConnectionError) as failure:
        channel.qos.ack("tag")
    assert isinstance(failure.value, connection.connection_errors)
