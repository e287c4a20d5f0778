"""Measurements of the product; README.md tells what each means. Run with ./dev bench NAME."""
