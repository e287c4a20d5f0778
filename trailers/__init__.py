"""Announcements of broadcasts to come: videos, comments, reminders."""
