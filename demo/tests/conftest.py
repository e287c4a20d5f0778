import pytest
from PIL import Image

from demo.goods import Item


@pytest.fixture
def plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products get a plain square: drawing eleven of them takes seconds."""
    monkeypatch.setattr(Item, "picture", lambda item: Image.new("RGB", (800, 800), item.palette.wall))
