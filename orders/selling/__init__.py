"""Pages for who sold something."""
