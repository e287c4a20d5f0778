"""What following tells the apps above, after the commit."""

from django.dispatch import Signal

channel_followed = Signal()
"""With `channel_id` and `member_id`: the member follows the channel from now on, maybe not for the first time."""
