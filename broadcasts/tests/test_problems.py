from datetime import timedelta

import pytest
from django.utils import timezone

from broadcasts.ingest import health, refusals
from broadcasts.problems import FADES_AFTER, WORDS, standing_problems


def constants(module):
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def test_whatever_the_ingest_can_find_wrong_has_words_for_the_seller():
    told = (constants(refusals) - {refusals.BAD_KEY}) | constants(health)
    assert told
    assert told <= set(WORDS)


@pytest.mark.parametrize(
    ("code", "age", "on", "codes"),
    [
        ("starvation", timedelta(hours=1), True, ["starvation"]),
        ("starvation", timedelta(0), False, []),
        ("bitrate_high", FADES_AFTER / 2, True, ["bitrate_high"]),
        ("bitrate_high", FADES_AFTER * 2, True, []),
        ("a code of tomorrow", timedelta(0), True, []),
    ],
)
def test_problems_stand_until_taken_back_or_faded(code, age, on, codes):
    news = {code: {"on": on, "at": (timezone.now() - age).isoformat()}}
    assert [problem.code for problem in standing_problems(news)] == codes


def test_no_news_is_good_news():
    assert standing_problems({}) == []
