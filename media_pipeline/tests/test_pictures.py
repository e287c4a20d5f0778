import io

import pytest
from PIL import Image

from media_pipeline.pictures import LONGEST_EDGE, BadImage, reencode


def upload(image, image_format="JPEG", **options):
    file = io.BytesIO()
    image.save(file, image_format, **options)
    file.seek(0)
    return file


def opened(picture):
    return Image.open(io.BytesIO(picture.content))


def test_a_picture_becomes_webp_within_the_limit():
    picture = reencode(upload(Image.new("RGB", (4000, 1000), "teal")))
    assert (opened(picture).format, opened(picture).size) == ("WEBP", (LONGEST_EDGE, LONGEST_EDGE // 4))
    assert (picture.width, picture.height) == (LONGEST_EDGE, LONGEST_EDGE // 4)


def test_metadata_is_dropped_and_the_picture_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    exif[0x010E] = "taken at home"
    picture = reencode(upload(Image.new("RGB", (200, 100)), exif=exif))
    assert opened(picture).size == (picture.width, picture.height) == (100, 200)
    assert not opened(picture).getexif()


def test_transparency_stays():
    assert opened(reencode(upload(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG"))).mode == "RGBA"


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"]
)
def test_what_is_not_a_picture_is_refused(content):
    with pytest.raises(BadImage) as refusal:
        reencode(io.BytesIO(content))
    assert refusal.value.code == "not_a_picture"


def test_a_truncated_picture_is_refused():
    whole = upload(Image.effect_noise((400, 400), 50).convert("RGB")).read()
    with pytest.raises(BadImage):
        reencode(io.BytesIO(whole[: len(whole) // 2]))


def test_absurd_dimensions_are_refused_before_decoding(monkeypatch):
    bomb = upload(Image.new("1", (7000, 7000)), "PNG")

    def decoded(*args, **kwargs):
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "convert", decoded)
    with pytest.raises(BadImage) as refusal:
        reencode(bomb)
    assert refusal.value.code == "picture_too_large"
    assert refusal.value.message == "사진이 너무 커요. 4천만 화소 이하로 올려 주세요."
