import pytest

from broadcasts.camera.limits import BURST_BYTES, SMALLEST_COST, MediaAllowance, places
from broadcasts.camera.refusals import NoPlaceLeft


def test_a_camera_may_send_a_burst_and_then_what_the_ingest_takes(settings):
    settings.INGEST_MAX_BITRATE = 8_000_000
    allowance = MediaAllowance(now=100.0)
    assert allowance.take(BURST_BYTES, 100.0)
    assert allowance.take(1_000_000, 101.0)
    assert not allowance.take(1_000_000, 101.5)


def test_small_frames_are_counted_too(settings):
    settings.INGEST_MAX_BITRATE = 0
    allowance = MediaAllowance(now=0.0)
    most = BURST_BYTES // SMALLEST_COST
    assert [allowance.take(1, 0.0) for _ in range(most + 1)] == [True] * most + [False]


def test_a_process_carries_so_many_cameras(settings):
    settings.CAMERA_MAX = 5
    with places(4):
        with places(1), pytest.raises(NoPlaceLeft), places(1):
            pass
        with pytest.raises(NoPlaceLeft), places(4):
            pass
    with places(5):
        pass
