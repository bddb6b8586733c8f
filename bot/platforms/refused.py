"""A platform that does not let us in."""

from __future__ import annotations


class Refused(Exception):
    """Raised when a platform does not let us in, or cannot be reached; a sentence that says why and what to do."""
