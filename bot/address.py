"""Where a server listens."""

from __future__ import annotations

from typing import NamedTuple, Self
from urllib.parse import urlsplit


class Address(NamedTuple):
    """A host, by name or number, and a TCP port; port 0 stands for any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read HOST:PORT, e.g. "127.0.0.1:3000" or "[::1]:3000". Raises `ValueError`."""
        parts = urlsplit(f"//{text}")
        if not parts.hostname or parts.port is None or parts.netloc != text or parts.username is not None:
            raise ValueError(f"{text!r} is not HOST:PORT")
        return cls(parts.hostname, parts.port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
