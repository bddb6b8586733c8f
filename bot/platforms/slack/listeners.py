"""What slack-bolt hears is acknowledged at once and handed to the desk of its workspace."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.platforms.slack import asked
from bot.platforms.slack.desk import Desk
from bot.platforms.slack.desks import Desks
from bot.platforms.slack.render import Message
from bot.work import Work

SHORTCUTS = {"summarize": "/summarize", "translate": "/translate", "sentiment": "/sentiment"}


def listen(app: AsyncApp, desks: Desks, work: Work) -> None:
    """Tell slack-bolt what the desks want to hear."""

    async def heard(event: dict[str, Any], context: AsyncBoltContext) -> None:
        desk = _desk(desks, context)
        if event.get("subtype") == "message_deleted":
            work.begin(desk.deleted(event["channel"], event["deleted_ts"]))
        elif request := asked.from_event(desk.team, event, me=desk.me):
            work.begin(desk.answer(request))

    async def commanded(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, context: AsyncBoltContext) -> None:
        await ack()
        work.begin(_desk(desks, context).whisper(asked.from_command(body), _whispered(respond)))

    async def shortcut(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, context: AsyncBoltContext) -> None:
        await ack()
        request = asked.from_shortcut(body, SHORTCUTS[body["callback_id"]])
        work.begin(_desk(desks, context).whisper(request, _whispered(respond)))

    async def ignored() -> None:
        """Acknowledged by slack-bolt; without a listener Slack would deliver it again and again."""

    app.event("app_mention")(heard)
    app.event("message")(heard)
    app.command("/parley")(commanded)
    for name in SHORTCUTS:
        app.shortcut(name)(shortcut)
    app.event(re.compile(".*"))(ignored)


def _desk(desks: Desks, context: AsyncBoltContext) -> Desk:
    assert context.authorize_result is not None  # slack-bolt calls no listener without one
    return desks.of(context.authorize_result)


def _whispered(respond: AsyncRespond) -> Any:
    """Shows messages to the one who asked, through the address that came with the request."""

    async def say(message: Message) -> object:
        return await respond(
            text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False, unfurl_links=False
        )

    return say
