"""Servers and ports for whoever examines a way through the network; the noticeboard for what platforms share."""

import socket
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.assistant import Assistant
from bot.platforms.posts import Posts
from bot.router import Router
from handlers import build

from .board import ANA, BEN, HOME, Board, Noticeboard


@pytest.fixture
def closed_port():
    """A port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def served():
    """`async with served(handler) as port`: a web server that answers everything alike."""

    @asynccontextmanager
    async def running(handler, *, tls=None):
        runner = web.AppRunner(web.Application(), access_log=None, shutdown_timeout=0.1)
        runner.app.router.add_route("*", "/{path:.*}", handler)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        yield runner.addresses[0][1]
        await runner.cleanup()

    return running


@pytest.fixture
def assistant(engine):
    return Assistant(Router(engine), build(engine))


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def noticeboard(board):
    return Noticeboard(board)


@pytest.fixture
def pins(board, state):
    """The bot's posts on the board."""
    return Posts(board, state, home=HOME)


@pytest.fixture
def incident(board):
    """The first notice of a thread of two, by Ana and by Ben."""
    root = board.pin(ANA, "Payments are failing.")
    board.pin(BEN, "I roll back.", root=root)
    return root


@pytest.fixture
def gathered():
    """What an examination finds: by check, pairs of a verdict and words."""

    async def by_check(examination):
        findings = {}
        async for finding in examination:
            findings.setdefault(finding.check, []).append((finding.verdict, finding.words))
        return findings

    return by_check
