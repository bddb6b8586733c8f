"""What people do in the fake Slack, and what they see then."""

from __future__ import annotations

import json
from typing import Any

from ..slack_fake import FakeSlack
from .wire import Ack
from .workspace import Json


def answers(slack: FakeSlack, channel: str, thread: str) -> list[Json]:
    """What the bot wrote in a thread."""
    return [message for message in slack.messages(channel, thread) if message.get("user") == slack.bot_user]


async def mention(
    slack: FakeSlack, channel: str, user: str, text: str, thread: str | None = None, **how: Any
) -> tuple[str, Ack]:
    """Somebody calls the bot; returns the message's timestamp and the acknowledgement."""
    ts = slack.say(channel, user, f"<@{slack.bot_user}> {text}", thread)
    ack = await slack.deliver("events_api", slack.callback(slack.app_mention(channel, ts)), **how)
    return ts, ack


def shown(message: Json) -> str:
    """Everything that a message shows, as JSON."""
    return json.dumps(message.get("blocks", []), ensure_ascii=False)
