"""What every test may use, and the guard that keeps tests off the network."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.state import State
from models import catalog
from models.engine import LocalEngine, Shelf, local_shelf

from .fakes import FakeEngine
from .slack_fake import FakeSlack


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state:
        yield state


@pytest.fixture
def ana(slack: FakeSlack) -> str:
    return slack.user("ana", display_name="Ana")


@pytest.fixture
def ben(slack: FakeSlack) -> str:
    return slack.user("ben", display_name="Ben")


class _Kept:
    """A shelf whose tasks are loaded once for all tests of a run."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._tasks = shelf, dict[str, Any]()
        self.devices = shelf.devices

    def task(self, name: str, device: str) -> Any:
        if name not in self._tasks:
            self._tasks[name] = self._shelf.task(name, device)
        return self._tasks[name]


@pytest.fixture(scope="session")
def default_shelf() -> Shelf:
    return _Kept(local_shelf(catalog.read("offline"), device="cpu", dtype="auto", threads=None))


@pytest.fixture
async def real_engine(default_shelf: Shelf) -> AsyncIterator[LocalEngine]:
    """The default profile's models, behind an engine of the test's own."""
    async with LocalEngine(catalog.read("offline"), lambda: default_shelf) as engine:
        yield engine


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command that ran within a test has set up, as it would hide log records from later tests."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to anything but this machine, and look-ups of anything but its own names."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _loopback(address[0]):
            pytest.fail(f"a test wanted to connect to {address[0]}")
        connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and not _loopback(host):
            pytest.fail(f"a test wanted to look up {host}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


def _loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
