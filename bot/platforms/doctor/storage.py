"""The check of the database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError, SQLAlchemyError

from bot.platforms.doctor import Said, Visit
from bot.platforms.refused import Refused
from bot.settings import variable
from bot.state import State

NAME = variable("database")


async def database(visit: Visit) -> AsyncIterator[Said]:
    """Whether the database can be opened and written: a request is claimed in it, and given back."""
    address, limit_s = visit.settings.database, visit.way.limit_s
    try:
        where = make_url(address).render_as_string(hide_password=True)
        async with asyncio.timeout(limit_s):
            await _claim(address)
    except (ArgumentError, InvalidRequestError):
        raise Refused(
            f"{NAME} is not the address of an asynchronous database, e.g. sqlite+aiosqlite:///parley.db."
        ) from None
    except ModuleNotFoundError as error:
        raise Refused(f"{NAME} needs a driver that is not there; install it with: pip install {error.name}") from None
    except TimeoutError:
        raise Refused(f"{where} does not answer within {limit_s:g} seconds; check that nothing else locks it.") from None
    except (OSError, SQLAlchemyError):
        raise Refused(f"{where} cannot be opened and written; check {NAME}, the rights on it, and the space left.") from None
    yield "ok", f"{where} can be opened and written."


async def _claim(address: str) -> None:
    """Claim what nobody else would, for no time."""
    async with State(address, kept_s=0.0) as state, state.claimed(f"doctor:{uuid.uuid4()}"):
        pass
