"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from broadcasts import channels, recordings, sweeps, tasks


@shared_task(name="broadcasts.prepare_leftover_channels", expires=60)
def prepare_leftover_channels() -> None:
    for channel_id in channels.leftover_channel_ids():
        tasks.prepare_channel.delay(channel_id)
    for channel_id in channels.closing_channel_ids():
        tasks.close_channel.delay(channel_id)


@shared_task(name="broadcasts.check_streams", expires=15)
def check_streams() -> None:
    sweeps.note_peaks()
    sweeps.check_streams()


@shared_task(name="broadcasts.end_silent_broadcasts", expires=30)
def end_silent_broadcasts() -> None:
    sweeps.end_silent_broadcasts()


@shared_task(name="broadcasts.delete_loose_recordings", expires=600)
def delete_loose_recordings() -> None:
    recordings.delete_loose_recordings()
