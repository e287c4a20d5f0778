import pytest
from django import forms

from media_pipeline.fields import AssetField
from tests.makers import make_asset, make_member

pytestmark = pytest.mark.django_db


def form_of(owner, purpose="video", **options) -> type[forms.Form]:
    """Return a form class with one field of this owner."""
    field = AssetField(purpose=purpose, **options)
    field.owner = owner
    return type("OneFile", (forms.Form,), {"file": field})


def answer(owner, code, **options):
    """Return what the form makes of a code: the asset, or its first sentence."""
    form = form_of(owner, **options)({"file": code})
    return form.cleaned_data["file"] if form.is_valid() else form.errors["file"][0]


@pytest.fixture
def owner():
    return make_member()


@pytest.mark.parametrize("status", ["checking", "transcoding", "ready"])
def test_a_video_may_still_be_in_the_making(owner, status) -> None:
    asset = make_asset(owner, status=status)
    assert answer(owner, asset.code) == asset


def test_a_picture_has_to_be_ready(owner) -> None:
    ready, checking = (
        make_asset(owner, purpose="product", status=status) for status in ("ready", "checking")
    )
    assert answer(owner, ready.code, purpose="product") == ready
    assert "아직 올리는 중" in answer(owner, checking.code, purpose="product")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("uploading", "아직 올리는 중"),
        ("refused", "쓸 수 없는 영상"),
        ("failed", "쓸 수 없는 영상"),
        ("cancelled", "쓸 수 없는 영상"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(owner, status, sentence) -> None:
    assert sentence in answer(owner, make_asset(owner, status=status).code)


def test_other_peoples_other_purposes_and_made_up_codes_are_unknown(owner) -> None:
    foreign, thumbnail = make_asset(make_member()), make_asset(owner, purpose="thumbnail")
    for code in (foreign.code, thumbnail.code, "nosuchcode22"):
        assert "찾을 수 없어요" in answer(owner, code)
    assert "찾을 수 없어요" in answer(None, make_asset(owner).code)


@pytest.mark.parametrize(
    ("purpose", "sentence"), [("video", "영상을 올려 주세요."), ("avatar", "사진을 올려 주세요.")]
)
def test_a_missing_file_is_asked_for_or_is_none(owner, purpose, sentence) -> None:
    assert answer(owner, "", purpose=purpose) == sentence
    assert answer(owner, "", purpose=purpose, required=False) is None


def test_a_form_begins_with_the_asset_it_was_given_and_knows_when_it_changed(owner) -> None:
    asset, other = make_asset(owner), make_asset(owner)
    form_class = form_of(owner)
    page = str(form_class(initial={"file": asset})["file"])
    assert f'value="{asset.code}"' in page
    assert 'type="hidden"' in page
    assert form_class({"file": asset.code}, initial={"file": asset}).has_changed() is False
    assert form_class({"file": other.code}, initial={"file": asset}).has_changed() is True


def test_the_file_chooser_learns_what_to_offer(owner) -> None:
    assert "video/mp4" in form_of(owner)().fields["file"].widget.attrs["accept"]
    assert "image/png" in form_of(owner, purpose="product")().fields["file"].widget.attrs["accept"]
