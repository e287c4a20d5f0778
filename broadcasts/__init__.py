"""Channels, broadcasts and what happens to them on air."""
