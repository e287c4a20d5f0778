"""What sellers do with their products."""
