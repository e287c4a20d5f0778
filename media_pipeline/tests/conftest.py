import pytest

from tests import films


@pytest.fixture
def folders(settings, tmp_path):
    """Uploads and media of this test alone; returns MEDIA_ROOT."""
    settings.MEDIA_ROOT, settings.UPLOADS_ROOT = tmp_path / "media", tmp_path / "uploads"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def queue(monkeypatch):
    """What would go to the broker."""
    from media_pipeline.tests.processing import (
        Queue,  # needs Django, which is set up after this module is read
    )

    return Queue(monkeypatch)


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """640×360, four seconds, H.264 with sound."""
    return films.landscape(tmp_path_factory.mktemp("films") / "film.mp4", size="640x360", seconds=4)
