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


def news(code, age, on=True):
    return {code: {"on": on, "at": (timezone.now() - age).isoformat()}}


@pytest.mark.parametrize(
    ("health", "codes"),
    [
        ({}, []),
        (news("starvation", timedelta(hours=1)), ["starvation"]),
        (news("starvation", timedelta(0), on=False), []),
        (news("bitrate_high", FADES_AFTER / 2), ["bitrate_high"]),
        (news("bitrate_high", FADES_AFTER * 2), []),
        (news("a code of tomorrow", timedelta(0)), []),
    ],
)
def test_problems_stand_until_taken_back_or_faded(health, codes):
    assert [problem.code for problem in standing_problems(health)] == codes
