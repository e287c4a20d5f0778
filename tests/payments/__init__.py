"""Stripe and Toss Payments on this machine, strict by their documentation."""
