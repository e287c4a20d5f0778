"""The peer of the shop's benchmarks: django-oscar as its manual sets it up, in an environment of its own.

`environment` is called from ours; every other module here runs in the peer's and imports nothing of the product.
"""
