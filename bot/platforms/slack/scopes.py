"""The permissions that deploy/slack-manifest.yaml asks for, and what does not work without each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Scope(NamedTuple):
    """A permission: what Parley cannot do without it, and whether it is of use without it at all."""

    without: str
    required: bool = True


SCOPES = {
    "app_mentions:read": Scope("it does not hear when somebody calls it"),
    "chat:write": Scope("it cannot answer"),
    "commands": Scope("/parley and the shortcuts do not work"),
    "channels:history": Scope("it cannot read public channels"),
    "channels:read": Scope("it cannot tell public channels from private ones"),
    "users:read": Scope("it can neither name people nor tell who is a guest"),
    "im:history": Scope("it does not hear direct messages"),
    "im:read": Scope("it cannot check who takes part in a direct message"),
    "groups:history": Scope("it cannot read private channels", required=False),
    "groups:read": Scope("it refuses to read private channels", required=False),
    "mpim:history": Scope("it does not hear direct messages among several people", required=False),
    "mpim:read": Scope("it refuses to read direct messages among several people", required=False),
    "reactions:read": Scope("it does not see flags and memos put on messages", required=False),
    "assistant:write": Scope("it has no place in the agent view", required=False),
}

_ACTING = re.compile(r":(write|manage|join)\b|^(admin|incoming-webhook)\b")


def missing(granted: Collection[str], *, required: bool) -> list[str]:
    """The scopes of one sort that an app lacks, in the order of the table."""
    return [name for name, scope in SCOPES.items() if scope.required is required and name not in granted]


def needless(granted: Iterable[str]) -> list[str]:
    """Scopes that let an app change something in the workspace, though Parley never does it."""
    return sorted(name for name in granted if name not in SCOPES and _ACTING.search(name))
