"""Pages for who bought something, with an account or without."""
