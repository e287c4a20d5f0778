"""What the catalog tells the apps above it."""

from django.dispatch import Signal

stock_changed = Signal()
"""Sent after the commit, with `variant_ids` and `more`: what is left of these grew, or else shrank."""
