"""Checks of the application: its token, its settings on Discord's pages, and its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.platforms.credentials import held
from bot.platforms.discord import api, credentials
from bot.platforms.discord.credentials import PAGE, TOKEN
from bot.platforms.discord.doctor.visit import Visit, joined
from bot.platforms.discord.sync import difference
from bot.platforms.discord.tree import Tree
from bot.platforms.doctor import Said, Skip
from bot.platforms.doctor.way import place
from bot.settings import variable


async def settings(visit: Visit) -> AsyncIterator[Said]:
    """Whether the token is set, and can be one."""
    faults = list(credentials.faults(visit.settings))
    for fault in faults:
        yield "problem", fault
    if not faults:
        yield "ok", f"{variable(TOKEN.field)} is set."


async def token(visit: Visit) -> AsyncIterator[Said]:
    """Whether Discord knows the token, and what on the application's page keeps the bot from working."""
    if not visit.reached:
        raise Skip("Discord cannot be reached.")
    if any(credentials.faults(visit.settings)):
        raise Skip(f"{variable(TOKEN.field)} must be right for this.")
    await visit.asked(visit.client.login(held(visit.settings, TOKEN.field)))
    visit.known = True
    application = visit.application()
    yield "ok", f"Discord knows the bot as {visit.client.user}, of the application {application.name}."
    if elsewhere := application.interactions_endpoint_url:
        mended = f"empty Interactions Endpoint URL under General Information, at {PAGE}"
        yield "problem", f"Discord sends commands and clicks to {place(elsewhere)} instead of to Parley; {mended}."
    if application.bot_require_code_grant:
        mended = f"switch Requires OAuth2 Code Grant off under Bot, at {PAGE}"
        yield "problem", f"The bot cannot be invited with a link alone; {mended}."


async def content(visit: Visit) -> AsyncIterator[Said]:
    """Whether Discord lets the bot read all messages."""
    if api.reads_all(visit.application()):
        yield "ok", "The message content intent is on."
        return
    read = "direct messages, mentions, replies to it, and messages on which its menu is used"
    mended = f"to sum up threads and channels, switch Message Content Intent on under Bot, at {PAGE}"
    yield "note", f"The message content intent is off, so that Parley reads only {read}; {mended}."


async def commands(visit: Visit) -> AsyncIterator[Said]:
    """Whether Discord shows the commands that Parley has, and no others."""
    visit.application()
    changes = await visit.asked(difference(Tree(visit.client)))
    if changes.added:
        mended = "parley discord registers them as it starts, and parley discord sync at any time"
        yield "note", f"Discord does not show {joined(changes.added)} yet; {mended}."
    if changes.removed:
        yield "note", f"Discord shows {joined(changes.removed)}, which Parley does not know; parley discord sync mends that."
    if not changes.added and not changes.removed:
        yield "ok", f"Discord shows {joined(changes.kept)}."
