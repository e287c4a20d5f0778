"""What accounts tells the apps above it."""

from django.dispatch import Signal

member_joined = Signal()
"""Sent after the sign-up is committed, with `member_id`."""
