"""The profile picture: who may set it, to what, and where it shows."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from media_pipeline.pictures import AVATAR_EDGE, reencode
from tests.makers import make_asset, make_member

pytestmark = pytest.mark.django_db
URL = reverse("media:avatar")


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def test_an_own_picture_becomes_the_avatar_and_goes_again(client, member):
    picture = make_asset(member, purpose="avatar")
    assert client.post(URL, {"avatar": picture.code}).headers["Location"] == reverse("accounts:me")
    member.refresh_from_db()
    assert member.avatar.name == picture.storage_key
    assert f'src="{member.avatar_url}"' in client.get(reverse("accounts:me")).content.decode()
    client.post(URL, {"avatar": ""})
    member.refresh_from_db()
    assert member.avatar_url == ""


@pytest.mark.parametrize("purpose", ["product", "video", "thumbnail"])
def test_a_file_for_something_else_is_no_avatar(client, member, purpose):
    response = client.post(URL, {"avatar": make_asset(member, purpose=purpose).code})
    assert response.status_code == 422
    member.refresh_from_db()
    assert not member.avatar


def test_somebody_elses_picture_is_not_taken(client, member):
    theirs = make_asset(make_member(), purpose="avatar")
    response = client.post(URL, {"avatar": theirs.code})
    assert response.status_code == 422
    assert "올린 사진을 찾을 수 없어요" in response.content.decode()


def test_avatars_are_kept_small():
    file = io.BytesIO()
    Image.new("RGB", (2000, 1000), "teal").save(file, "PNG")
    file.seek(0)
    assert reencode(file, longest_edge=AVATAR_EDGE).width == AVATAR_EDGE
