"""What Discord answers when it refuses."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

UNKNOWN = {
    "channel": (10003, "Unknown Channel"),
    "guild": (10004, "Unknown Guild"),
    "member": (10007, "Unknown Member"),
    "message": (10008, "Unknown Message"),
    "user": (10013, "Unknown User"),
    "emoji": (10014, "Unknown Emoji"),
    "webhook": (10015, "Unknown Webhook"),
    "interaction": (10062, "Unknown interaction"),
    "command": (10063, "Unknown application command"),
}


class DiscordError(Exception):
    """Raised when Discord would answer with an error; `errors` is the tree that says which fields are wrong."""

    def __init__(self, status: int, code: int, message: str, *, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status, self.code, self.message, self.errors = status, code, message, errors or {}

    def json(self) -> Json:
        return {"message": self.message, "code": self.code} | ({"errors": self.errors} if self.errors else {})


def unknown(kind: str) -> DiscordError:
    """404: there is no such thing, or none that may be known of."""
    return DiscordError(404, *UNKNOWN[kind])


def missing_access() -> DiscordError:
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    return DiscordError(403, 50013, "Missing Permissions")


def invalid(errors: Json) -> DiscordError:
    """400: a form that breaks the limits."""
    return DiscordError(400, 50035, "Invalid Form Body", errors=errors)


def wrong(code: str, message: str) -> Json:
    """A leaf of the tree."""
    return {"_errors": [{"code": code, "message": message}]}
