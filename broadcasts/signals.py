"""What broadcasts tell the apps above, after the commit."""

from django.dispatch import Signal

broadcast_ended = Signal()
"""With `broadcast_id`: the show was on the air and is over, whoever or whatever ended it."""
