"""What slack-bolt hears is acknowledged at once and handed to the desk of its workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.platforms import buttons
from bot.platforms.asked import Asked, Place
from bot.platforms.outlets import WAIT
from bot.platforms.slack import api, asked, views
from bot.platforms.slack.desk import Desk
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.outlets import Alone, InModal, Responding
from bot.router import COMMANDS
from bot.work import Work

Json = Mapping[str, Any]

SHORTCUTS = {"summarize": "/summarize", "translate": "/translate", "sentiment": "/sentiment"}


def listen(app: AsyncApp, desks: Desks, work: Work) -> None:
    """Tell slack-bolt what the desks want to hear."""
    _events(app, desks, work)
    _commands(app, desks, work)
    _clicks(app, desks, work)


def _events(app: AsyncApp, desks: Desks, work: Work) -> None:
    async def heard(event: dict[str, Any], context: AsyncBoltContext) -> None:
        desk = _desk(desks, context)
        if gone := _deleted(event):
            work.begin(desk.deleted(event["channel"], gone))
        elif request := asked.from_event(desk.team, event, me=desk.me):
            work.begin(desk.heard(request))

    async def reacted(event: dict[str, Any], context: AsyncBoltContext) -> None:
        desk = _desk(desks, context)
        if request := asked.from_reaction(desk.team, event):
            work.begin(desk.reacted(request))

    async def home(event: dict[str, Any], context: AsyncBoltContext) -> None:
        desk = _desk(desks, context)
        desk.looked(event["user"], _viewed(event))
        if event.get("tab") == "messages":
            work.begin(desk.opened(event["channel"], None))
        else:
            work.begin(desk.home(event["user"]))

    async def looked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        _desk(desks, context).looked(event["user"], _viewed(event))

    async def assistant(event: dict[str, Any], context: AsyncBoltContext) -> None:
        desk, thread = _desk(desks, context), event["assistant_thread"]
        channel = thread.get("context", {}).get("channel_id")
        desk.looked(thread["user_id"], Place(channel) if channel else None)
        if event["type"] == "assistant_thread_started":
            work.begin(desk.opened(thread["channel_id"], thread["thread_ts"]))

    async def ignored() -> None:
        """Acknowledged by slack-bolt; without a listener Slack would deliver it again and again."""

    app.event("app_mention")(heard)
    app.event("message")(heard)
    app.event("reaction_added")(reacted)
    app.event("app_home_opened")(home)
    app.event("app_context_changed")(looked)
    app.event("assistant_thread_started")(assistant)
    app.event("assistant_thread_context_changed")(assistant)
    app.event(re.compile(".*"))(ignored)


def _commands(app: AsyncApp, desks: Desks, work: Work) -> None:
    async def commanded(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        desk, request = _desk(desks, context), asked.from_command(body)
        work.begin(desk.commanded(request, _responding(body, desk, request)))

    async def shortcut(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        desk, request = _desk(desks, context), asked.from_shortcut(body, SHORTCUTS[body["callback_id"]])
        work.begin(desk.commanded(request, _responding(body, desk, request)))

    async def ask(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        request = asked.from_shortcut(body, "")
        work.begin(_desk(desks, context).ask(request.place, body["trigger_id"]))

    async def question(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack(response_action="update", view=views.reading(WAIT))
        desk, view = _desk(desks, context), body["view"]
        request = asked.from_question(body, views.QUESTION)
        work.begin(desk.whisper(request, InModal(desk.client, view["id"], Alone(desk.client, request))))

    app.command(re.compile(rf"/(?:parley|{'|'.join(map(re.escape, COMMANDS))})"))(commanded)
    for name in SHORTCUTS:
        app.shortcut(name)(shortcut)
    app.shortcut(views.ASK)(ask)
    app.view(views.ASK)(question)


def _clicks(app: AsyncApp, desks: Desks, work: Work) -> None:
    async def clicked(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        desk, action, user = _desk(desks, context), body["actions"][0], body["user"]["id"]
        name, _, target = action["action_id"].partition(":")
        here, what = _clicked(body)
        if name == buttons.FEEDBACK:
            asking = asked.asked(desk.team, here.channel, user, "", root=here.root) if here else None
            thanks = _responding(body, desk, asking, clicked=True) if asking else None
            verdict, _, intent = action["value"].partition(":")
            work.begin(desk.judged(user, what, verdict, intent, thanks))
            return
        request = asked.unpacked(action["value"], team=desk.team, user=user, here=here)
        outlet = _responding(body, desk, request, clicked=True) if here else Alone(desk.client, request)
        match name:
            case buttons.SHARE:
                work.begin(desk.share(request, outlet, what))
            case buttons.MORE:
                work.begin(desk.whisper(replace(request, language=None), outlet))
            case buttons.RETELL:
                work.begin(desk.retell(request, outlet, target=target or None))

    async def set_(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        work.begin(_desk(desks, context).changed(body["user"]["id"], body["actions"][0]))

    app.action(re.compile(rf"(?:{buttons.SHARE}|{buttons.MORE}|{buttons.RETELL}|{buttons.FEEDBACK})(?::.*)?"))(clicked)
    app.action(re.compile(rf"{views.LANGUAGE}|{views.SWITCHES}"))(set_)


def _desk(desks: Desks, context: AsyncBoltContext) -> Desk:
    assert context.authorize_result is not None  # slack-bolt calls no listener without one
    return desks.of(context.authorize_result)


def _responding(body: Json, desk: Desk, request: Asked, *, clicked: bool = False) -> Responding:
    return Responding(api.hook(body["response_url"]), Alone(desk.client, request), clicked=clicked)


def _clicked(body: Json) -> tuple[Place | None, str]:
    """Where the message stands that was clicked on, None for a modal, and what both are known by."""
    about = body["container"]
    if about["type"] == "view":
        return None, str(about["view_id"])
    place = Place(about["channel_id"], about.get("thread_ts"), about["message_ts"])
    return place, f"{place.channel}:{place.message}"


def _deleted(event: Json) -> str | None:
    """The message that an event says is gone; one with replies is not deleted but made a tombstone."""
    if event.get("subtype") == "message_deleted":
        return str(event["deleted_ts"])
    if event.get("subtype") == "message_changed" and event["message"].get("subtype") == "tombstone":
        return str(event["message"]["ts"])
    return None


def _viewed(event: Json) -> Place | None:
    """What somebody looks at, as far as an event says."""
    for entity in event.get("context", {}).get("entities", []):
        match entity:
            case {"type": "slack#/types/channel_id", "value": str(channel)}:
                return Place(channel)
            case {"type": "slack#/types/message_context", "value": {"channel_id": str(channel), "message_ts": str(ts)}}:
                return Place(channel, None, ts)
    return None
