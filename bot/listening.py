"""A web server of our own: up as long as a block runs."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.address import Address

LAST_S = 5.0
"""Seconds that requests under way get to be finished when the server stops."""

REASONS = {
    errno.EADDRINUSE: "another program listens there already",
    errno.EACCES: "this user may not listen there",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}


class AddressUnusable(Exception):
    """Raised when an address cannot be listened on; a sentence that says why and what to do."""


@asynccontextmanager
async def listening(app: web.Application, address: Address) -> AsyncIterator[Address]:
    """Serve `app` as long as the block runs; gives the address with its real port. Raises `AddressUnusable`."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_S)  # addresses that are asked for may hold secrets
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, *address).start()
        except OSError as error:
            raise AddressUnusable(f"Parley cannot listen on {address}: {_reason(error)}; choose another address.") from None
        yield Address(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no host of that name"
    return REASONS.get(error.errno or 0, "the system does not allow it")
