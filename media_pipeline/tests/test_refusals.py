import pytest

from media_pipeline.refusals import words

CODES = [
    "not_a_video",
    "empty",
    "truncated",
    "no_index",
    "sound_only",
    "too_long",
    "too_large",
    "too_many_pixels",
    "too_small",
    "too_many_streams",
    "unsupported_codec",
    "not_a_picture",
    "picture_too_large",
    "type_mismatch",
    "transcode_failed",
    "storage_failed",
    "check_failed",
]


@pytest.mark.parametrize("code", CODES)
def test_every_problem_has_words_of_its_own(code):
    assert words(code).endswith("주세요.")
    assert [words(other) for other in CODES].count(words(code)) == 1


def test_limits_are_told_as_they_are_set(settings):
    settings.VIDEO_MAX_SECONDS, settings.VIDEO_MAX_BYTES, settings.UPLOAD_MAX_BYTES = (
        90,
        5 * 1024**3,
        10 * 1024**2,
    )
    assert "90초까지" in words("too_long")
    assert "영상은 5GB, 사진은 10MB 이하로" in words("too_large")
    settings.VIDEO_MAX_SECONDS = 1200
    assert "20분까지" in words("too_long")


def test_no_problem_has_no_words_and_an_unknown_one_has_some():
    assert words("") == ""
    assert words("from_the_future")
