"""Where log records go: to stderr, a line each. They never hold the text of a message."""

from __future__ import annotations

import logging
from types import TracebackType

WORDY = ("aiosqlite", "discord", "slack_bolt", "slack_sdk")
"""Libraries that log whole requests below the level of errors: the platforms' with what people write in them."""


def _proper(record: logging.LogRecord) -> bool:
    """Whether a record may be written. The libraries set the levels of their loggers themselves."""
    return record.levelno >= logging.ERROR or not record.name.startswith(WORDY)


class OneLine(logging.Formatter):
    """Leaves out tracebacks, whose values may be somebody's words."""

    def formatException(  # noqa: N802  # the name that logging calls
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Nothing."""
        return ""


def begin(*, debug: bool) -> None:
    """Write errors to stderr; when debugging, everything, with tracebacks."""
    handler = logging.StreamHandler()
    pattern = "parley: %(message)s (%(name)s)"
    handler.setFormatter(logging.Formatter(pattern) if debug else OneLine(pattern))
    handler.addFilter(_proper)
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR, handlers=[handler], force=True)
