"""Addresses written into rows are derived: after a change of domain, port or CDN they are written anew."""

from broadcasts.models import Channel, Recording
from broadcasts.streaming import streaming


def refresh_addresses() -> int:
    """Derive the address of every channel and recording again; return how many rows changed."""
    changed = 0
    for channel in Channel.objects.filter(state=Channel.State.READY).iterator():
        made = streaming().create_channel(channel.provider_name)  # finds it: the name is taken
        fresh = {
            "ingest_url": made.ingest_url,
            "playback_url": made.playback_url,
            "picture_url": made.picture_url,
        }
        changed += _write(channel, fresh)
    for recording in Recording.objects.filter(status=Recording.Status.READY).iterator():
        addresses = streaming().recording_addresses(recording.storage_bucket, recording.storage_key)
        fresh = {"playback_url": addresses.playback_url, "poster_url": addresses.poster_url}
        changed += _write(recording, fresh)
    return changed


def _write(row: Channel | Recording, fresh: dict[str, str]) -> bool:
    if all(getattr(row, name) == value for name, value in fresh.items()):
        return False
    for name, value in fresh.items():
        setattr(row, name, value)
    row.save(update_fields=list(fresh))
    return True
