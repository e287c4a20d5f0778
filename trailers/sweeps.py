"""What periodic tasks look after besides sending."""

from broadcasts.models import Broadcast
from trailers.actions import cancel_trailer
from trailers.models import Trailer


def cancel_with_their_shows() -> int:
    """Cancel trailers whose show was called off in its control room; return how many there were."""
    orphans = Trailer.objects.filter(
        status=Trailer.Status.STARTED, broadcast__status=Broadcast.Status.CANCELLED
    )
    ids = list(orphans.values_list("pk", flat=True)[:100])
    for trailer_id in ids:
        cancel_trailer(trailer_id)
    return len(ids)
