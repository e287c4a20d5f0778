import pytest

from chat.moderation.channel_rules import NEW_ACCOUNT_MINUTES
from chat.moderation.restricting import TIMEOUT_MINUTES
from chat.moderation.room_rules import SLOW_SECONDS
from chat.moderation.spans import minutes_in_words, seconds_in_words


@pytest.mark.parametrize(
    ("offered", "in_words", "words"),
    [
        (SLOW_SECONDS, seconds_in_words, ["끔", "3초", "5초", "10초", "30초", "1분", "5분"]),
        (NEW_ACCOUNT_MINUTES, minutes_in_words, ["바로", "10분", "1시간", "24시간", "7일"]),
        (TIMEOUT_MINUTES, minutes_in_words, ["1분", "5분", "30분", "24시간"]),
    ],
)
def test_what_is_offered_in_words(offered, in_words, words):
    assert [in_words(span) for span in offered] == words
