"""Checks of the app and its workspace: tokens, permissions, channels, and what the bot can read there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.platforms.doctor import Said, Skip
from bot.platforms.refused import Refused
from bot.platforms.slack import credentials, scopes
from bot.platforms.slack.doctor.visit import MANIFEST, NO_SOCKET, Visit
from bot.settings import variable

ASKED, RESTRICTED = 200, 15
"""Messages that we ask for, and the most that Slack gives a commercial app from outside its Marketplace."""
LISTED = 999


async def tokens(visit: Visit) -> AsyncIterator[Said]:
    """Whether the credentials are set, and of the right kind."""
    faults = list(credentials.faults(visit.settings, http=visit.http))
    for fault in faults:
        yield "problem", fault
    if not faults:
        names = [variable(each.field) for each in credentials.needed(visit.settings, http=visit.http)]
        yield "ok", f"{', '.join(names[:-1])} and {names[-1]} are set."


async def bot(visit: Visit) -> AsyncIterator[Said]:
    """Whether Slack knows the bot token, and as whom."""
    answer = await visit.bot().auth_test()
    told = answer.headers.get("x-oauth-scopes")
    visit.bot_id = str(answer["bot_id"])
    visit.granted = None if told is None else frozenset(told.replace(" ", "").split(","))
    yield "ok", f"Slack knows the bot as {answer['user']} in the workspace {answer['team']}."


async def permissions(visit: Visit) -> AsyncIterator[Said]:
    """Whether the bot token has the scopes that Parley's features need, and none that changes more."""
    if visit.granted is None:
        raise Skip("It is not known which permissions the app has.")
    if lacking := scopes.missing(visit.granted, required=True):
        mended = f"give it {MANIFEST} under App Manifest, then reinstall the app under Install App"
        yield "problem", f"The app lacks {_without(lacking)}; {mended}."
    else:
        yield "ok", "The app has every permission that it needs."
    if lacking := scopes.missing(visit.granted, required=False):
        yield "note", f"The app does without {_without(lacking)}; to have these, add them and reinstall the app."
    if needless := scopes.needless(visit.granted):
        yield "note", f"The app has {', '.join(needless)}, which Parley never uses; remove it under OAuth & Permissions."


async def pair(visit: Visit) -> AsyncIterator[Said]:
    """Whether both tokens are of one app: with two, everything connects, and nothing is ever heard."""
    if visit.bot_id is None or visit.app_id is None:
        raise Skip(NO_SOCKET if visit.http else "This needs the bot token and a websocket.")
    answer = await visit.bot().bots_info(bot=visit.bot_id)
    if answer["bot"]["app_id"] != visit.app_id:
        raise Refused("The tokens are of two apps, so that no event arrives; copy both from the pages of the same app.")
    yield "ok", "Both tokens are of the same app."


async def channels(visit: Visit) -> AsyncIterator[Said]:
    """Which channels the bot is in."""
    if visit.bot_id is None:
        raise Skip("Slack must know the bot token for this.")
    client, places = visit.bot(), []
    for kind, scope in (("public", "channels:read"), ("private", "groups:read")):
        if kind == "private" and visit.granted is not None and scope not in visit.granted:
            continue  # it may do without
        answer = await client.users_conversations(types=f"{kind}_channel", limit=LISTED, exclude_archived=True)
        found, more = answer["channels"], (answer["response_metadata"] or {}).get("next_cursor")
        visit.channel = visit.channel or next((str(each["id"]) for each in found), None)
        places.append(f"{'at least ' if more else ''}{len(found)} {kind} channel{'s' * (len(found) != 1)}")
    if visit.channel:
        yield "ok", f"The bot is in {' and '.join(places)}."
    else:
        yield "note", "The bot is in no channel yet; write /invite @Parley in a channel."


async def history(visit: Visit) -> AsyncIterator[Said]:
    """Whether the bot can read a channel, and how much at a time. One call: the restricted tier has one a minute."""
    if visit.channel is None:
        raise Skip("No channel to read is known.")
    answer = await visit.bot().conversations_history(channel=visit.channel, limit=ASKED)
    yield "ok", "The bot can read the messages of a channel."
    if answer["has_more"] and len(answer["messages"]) <= RESTRICTED:
        slow = f"Slack gives this app {RESTRICTED} messages a minute, as it does to those sold outside its Marketplace"
        yield "note", f"{slow}; with an app of your own, made from {MANIFEST}, long threads need no waiting."


async def interactivity(visit: Visit) -> AsyncIterator[Said]:
    """What only Slack can start, and what to look for."""
    command, mended = "parley slack", f"give the app {MANIFEST} again under App Manifest"
    if visit.http:
        command, mended = f"{command} --http", "check the addresses that stand in it under App Manifest"
    tried = f"Slack alone can try events, commands and buttons: while {command} runs, write /parley help"
    yield "skipped", f"{tried}; where Slack does not know it, or says dispatch_failed, {mended}."


def _without(names: list[str]) -> str:
    """Scopes, each with what does not work without it."""
    return ", ".join(f"{name} ({scopes.SCOPES[name].without})" for name in names)
