"""What orders tell the apps above, each after the commit."""

from django.dispatch import Signal

checkout_paid = Signal()
"""With `checkout_id`: its orders are paid."""

payment_strayed = Signal()
"""With `payment_id`: money came that no order may take; staff should know."""
