"""The payloads that Slack sends to an app, built from what was said in the workspace."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from .workspace import Json, Workspace


@dataclass
class Hook:
    """Where answers to one command or click may be posted: five times within half an hour.

    `message` is what the click was on: its ts in the channel, or of an ephemeral message; `shown` what came here last.
    """

    channel: str
    user: str
    made: float
    message: str | None = None
    uses: int = 0
    shown: str | None = None


class Payloads(Workspace):
    """A workspace that can also say what it would send.

    Attributes:
        url: where the fake listens, once it does.
        homes: the published App Home of each person.
        hooks: the response_urls given out, by the last part of the URL.
        triggers: when each trigger_id was given out; one opens one view within three seconds.
    """

    def __init__(self, *args: Any, **about: Any) -> None:
        super().__init__(*args, **about)
        self.url = ""
        self.homes: dict[str, Json] = {}
        self.hooks: dict[str, Hook] = {}
        self.triggers: dict[str, float] = {}

    # Events

    def message(self, channel: str, ts: str) -> Json:
        """The `message` event of something said."""
        kind = {"public": "channel", "private": "group"}.get(self.channels[channel].kind, self.channels[channel].kind)
        return self.message_at(channel, ts) | {"channel": channel, "channel_type": kind, "event_ts": ts}

    def app_mention(self, channel: str, ts: str) -> Json:
        """The `app_mention` event of the same: it has no channel_type and no subtype."""
        return self.message_at(channel, ts) | {"type": "app_mention", "channel": channel, "event_ts": ts}

    def app_home_opened(self, user: str, tab: str = "home") -> Json:
        event = {"type": "app_home_opened", "user": user, "channel": self.im(user), "tab": tab, "event_ts": self._stamp()}
        return event | ({"view": self.homes[user]} if user in self.homes else {})

    def callback(self, event: Json, *, event_id: str | None = None) -> Json:
        """The envelope of an event. The same event under two ids is what a user meets as a double answer."""
        channel = event.get("channel") or event.get("item", {}).get("channel")
        installed = {"enterprise_id": None, "team_id": self.team_id, "user_id": self.bot_user, "is_bot": True}
        return {
            "token": "unused",
            "team_id": self.team_id,
            "context_team_id": self.team_id,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or self.number("Ev"),
            "event_time": int(time.time()),
            "authorizations": [installed | {"is_enterprise_install": False}],
            "is_ext_shared_channel": channel in self.channels and self.channels[channel].is_ext_shared,
            "event_context": f"4-{self.number('EC')}",
        }

    # Commands and clicks

    def command(self, user: str, channel: str, text: str = "", *, command: str = "/parley") -> Json:
        """The form of a slash command."""
        where = self.channels[channel]
        return {
            "token": "unused",
            "team_id": self.team_id,
            "team_domain": self.team,
            "channel_id": channel,
            "channel_name": {"im": "directmessage", "private": "privategroup"}.get(where.kind, where.name),
            "user_id": user,
            "user_name": self.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(channel, user),
            "trigger_id": self.trigger(),
        }

    def message_shortcut(self, callback_id: str, user: str, channel: str, ts: str) -> Json:
        """A message's menu entry, chosen; Slack sends it for channels the bot is not in as well."""
        return self._interaction("message_action", user, channel) | {
            "callback_id": callback_id,
            "message_ts": ts,
            "message": self.shown(channel, self.message_at(channel, ts)),
            "response_url": self.response_url(channel, user),
        }

    def block_actions(self, user: str, channel: str, message: Json, action_id: str, **action: Any) -> Json:
        """A click on an element of a message, posted or ephemeral, whose block and value are looked up in it.

        What the person chose is given by name, as in `selected_option={...}`.
        """
        block_id, element = _element(message.get("blocks", []), action_id)
        hidden = "is_ephemeral" in message
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel, "is_ephemeral": hidden}
        if thread := message.get("thread_ts"):
            container["thread_ts"] = thread
        about = {
            "container": container,
            "response_url": self.response_url(channel, user, message["ts"]),
            "state": {"values": {}},
        }
        if not hidden:  # Slack does not send back the content of what only one person saw
            about["message"] = message
        return self._interaction("block_actions", user, channel) | about | self._actions(block_id, element | action)

    def home_actions(self, user: str, action_id: str, **action: Any) -> Json:
        """A click in the person's App Home, as it was last published."""
        view = self.homes[user]
        block_id, element = _element(view["blocks"], action_id)
        about = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        return self._interaction("block_actions", user) | about | self._actions(block_id, element | action)

    def view_submission(self, user: str, view: Json, values: Json | None = None) -> Json:
        """A modal sent; `values` is by block_id and action_id, as in `{"question": {"text": {"value": "When?"}}}`."""
        sent = view | {"state": {"values": values or {}}}
        return self._interaction("view_submission", user) | {"view": sent, "response_urls": []}

    def response_url(self, channel: str, user: str, message: str | None = None) -> str:
        number = self.number("R")
        self.hooks[number] = Hook(channel, user, self.now(), message)
        return f"{self.url}/response/{number}"

    def trigger(self) -> str:
        number = self.number("trigger.")
        self.triggers[number] = self.now()
        return number

    def _interaction(self, kind: str, user: str, channel: str | None = None) -> Json:
        person = {"id": user, "username": self.users[user].name, "name": self.users[user].name, "team_id": self.team_id}
        payload = {
            "type": kind,
            "team": {"id": self.team_id, "domain": self.team},
            "user": person,
            "api_app_id": self.app_id,
            "token": "unused",
            "trigger_id": self.trigger(),
            "enterprise": None,
            "is_enterprise_install": False,
        }
        return payload | ({"channel": {"id": channel, "name": self.channels[channel].name}} if channel else {})

    def _actions(self, block_id: str, element: Json) -> Json:
        return {"actions": [element | {"block_id": block_id, "action_ts": self._stamp()}]}


def form(payload: Json) -> dict[str, str]:
    """How an interaction travels over HTTP: as one field of a form."""
    return {"payload": json.dumps(payload)}


def _element(blocks: list[Json], action_id: str) -> tuple[str, Json]:
    for place, block in enumerate(blocks):
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                kept = {key: element[key] for key in ("type", "action_id", "value", "text") if key in element}
                return block.get("block_id", f"b{place}"), kept
    raise KeyError(action_id)
