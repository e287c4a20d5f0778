import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from common import heartbeat
from livecommerce import health

pytestmark = pytest.mark.django_db


def test_healthz_needs_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("healthz")).status_code == 200


def test_readyz_is_green_when_everything_answers(client):
    heartbeat.beat_heart()
    response = client.get(reverse("readyz"))
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "checks": {"database": "ok", "redis": "ok", "worker": "ok", "storage": "ok"},
    }
    assert default_storage.listdir("health")[1] == []


def test_readyz_names_the_worker_that_does_not_beat(client):
    response = client.get(reverse("readyz"))
    assert response.status_code == 503
    assert response.json()["checks"]["worker"] != "ok"
    assert response.json()["checks"]["database"] == "ok"


@pytest.mark.parametrize("part", ["database", "redis", "storage"])
def test_readyz_names_the_part_that_is_wrong_without_its_secrets(client, monkeypatch, part):
    heartbeat.beat_heart()

    def broken():
        raise ConnectionError("password=hunter2")

    monkeypatch.setitem(health.CHECKS, part, broken)
    response = client.get(reverse("readyz"))
    assert response.status_code == 503
    wrong = {name for name, result in response.json()["checks"].items() if result != "ok"}
    assert wrong == {part}
    assert "hunter2" not in response.content.decode()
