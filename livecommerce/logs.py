"""Logs: one readable line per event on a terminal, one JSON object per event in production; never a secret."""

import re
from typing import Any

import structlog

SECRETS = ("password", "secret", "stream_key", "token", "authorization", "cookie")
SECRET_PATHS = re.compile(r"(/overlay/)[\w-]+")
"""Addresses whose last part is all that opens them."""


def hide_secrets(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blank every value whose name says that it is a secret, and secrets inside addresses."""
    for name in event:
        if any(secret in name.lower() for secret in SECRETS):
            event[name] = "[hidden]"
        elif isinstance(event[name], str):
            event[name] = SECRET_PATHS.sub(r"\1[hidden]", event[name])
    return event


def configure_logs(*, debug: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return the matching LOGGING dict for Django."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if debug else "iso", utc=not debug),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
        if debug
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},  # its own handlers would print every line twice
            "django.request": {"level": "ERROR"},  # 4xx are told by django_structlog's own line
            "django_structlog": {"level": "WARNING" if debug else level},
            "django.channels.server": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
