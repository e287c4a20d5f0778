"""What orders tell the apps above, each after the commit."""

from django.dispatch import Signal

product_opened = Signal()
"""With `item` (of a line-up, its show selected) and `viewer` (what they are counted by): somebody looks at its sheet.

Sent while the page is made; nothing was written.
"""

checkout_paid = Signal()
"""With `checkout_id`: its orders are paid."""

checkout_ended = Signal()
"""With `checkout_id`: it came to nothing; a payment of it may still be open at its provider."""

payment_strayed = Signal()
"""With `payment_id`: money came that no order may take; staff should know."""

order_moved = Signal()
"""With `order_id`, `before` and `to`: a paid order has a new status."""

refund_refused = Signal()
"""With `refund_id`: its provider will not pay it back; staff must."""

refund_asked = Signal()
"""With `refund_id`: money of an order is to go back, the provider was not asked yet."""

refund_done = Signal()
"""With `refund_id`: the provider gave the money back, or staff did by hand."""

waiting_offered = Signal()
"""With `waiting_id`: somebody in a queue was offered a hold."""

confirming_soon = Signal()
"""With `order_id`: it will be confirmed by itself in a day."""

claim_moved = Signal()
"""With `claim_id` and `status`: a claim was made or has a new status."""

claim_sent_back = Signal()
"""With `claim_id` and `number`: the buyer of a return said which parcel it is in."""

dispute_news = Signal()
"""With `dispute_id` and `side`: that side said or did something."""
