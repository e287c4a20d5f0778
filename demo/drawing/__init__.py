"""The demo's pictures, drawn by code: outlines, a sheet to paint them on, and what is painted."""
