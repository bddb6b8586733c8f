"""The Web API's methods: each takes the fake and the arguments of a call, and gives the body of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .blocks import VIEW_BLOCKS, checked
from .workspace import Channel, Json, SlackError, User, pages

if TYPE_CHECKING:
    from ..slack_fake import FakeSlack

TEXT = 40_000
UPDATE_BYTES = 4_000  # chat.update refuses what chat.postMessage takes, and counts bytes
KINDS = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
FILTERS = {"public": "public_channel", "private": "private_channel", "im": "im", "mpim": "mpim"}
STREAMED = 12_000


# Who is asking


def api_test(slack: FakeSlack, args: Json) -> Json:
    return {"args": args}


def auth_test(slack: FakeSlack, args: Json) -> Json:
    who = {"user": "parley", "user_id": slack.bot_user, "bot_id": slack.bot_id, "app_id": slack.app_id}
    where = {"url": f"https://{slack.team}.slack.com/", "team": slack.team, "team_id": slack.team_id}
    return who | where | {"is_enterprise_install": False}


def connections_open(slack: FakeSlack, args: Json) -> Json:
    return {"url": slack.socket_url()}


def oauth_access(slack: FakeSlack, args: Json) -> Json:
    if (team := slack.redeemed(_needed(args, "code"))) is None:
        raise SlackError("invalid_code")
    installed = {"team": {"id": team.team_id, "name": team.team}, "enterprise": None, "is_enterprise_install": False}
    token = {"access_token": team.bot_token, "token_type": "bot", "scope": ",".join(sorted(team.scopes))}
    return installed | token | {"app_id": team.app_id, "bot_user_id": team.bot_user, "authed_user": {"id": "U0INSTALLER"}}


def team_info(slack: FakeSlack, args: Json) -> Json:
    return {"team": {"id": slack.team_id, "name": slack.team, "domain": slack.team}}


def bots_info(slack: FakeSlack, args: Json) -> Json:
    return {
        "bot": {"id": slack.bot_id, "app_id": slack.app_id, "user_id": slack.bot_user, "name": "parley", "deleted": False}
    }


# Reading


def conversations_history(slack: FakeSlack, args: Json) -> Json:
    channel = _read(slack, args)
    newest_first = [each for each in reversed(slack.messages(channel.id)) if _within(each, args)]
    return _messages(slack, args, newest_first, default=100, mark="history")


def conversations_replies(slack: FakeSlack, args: Json) -> Json:
    """A thread from its parent on. The parent comes whatever `oldest` says; it is on the first page only."""
    channel, thread = _read(slack, args), _needed(args, "ts")
    messages = slack.messages(channel.id, thread)
    if not messages:
        raise SlackError("thread_not_found")
    kept = [each for each in messages if each["ts"] == thread or _within(each, args)]
    return _messages(slack, args, kept, default=1000, mark="replies")


def conversations_info(slack: FakeSlack, args: Json) -> Json:
    channel = _seen(slack, args)
    more = {"num_members": len(channel.members)} if _truth(args.get("include_num_members")) else {}
    return {"channel": channel.json(slack.bot_user) | more}


def conversations_members(slack: FakeSlack, args: Json) -> Json:
    return _listed(slack, args, "members", _seen(slack, args).members)


def conversations_open(slack: FakeSlack, args: Json) -> Json:
    people = [user for user in str(args.get("users", "")).split(",") if user]
    if args.get("channel"):
        return {"channel": {"id": _seen(slack, args).id}}
    if not people:
        raise SlackError("users_list_not_supplied")
    if any(user not in slack.users for user in people):
        raise SlackError("user_not_found")
    return {"channel": {"id": slack.im(people[0]) if len(people) == 1 else slack.channel("mpdm", *people, kind="mpim")}}


def users_info(slack: FakeSlack, args: Json) -> Json:
    user = _person(slack, args).json()
    return {"user": user if _truth(args.get("include_locale")) else {key: user[key] for key in user if key != "locale"}}


def users_list(slack: FakeSlack, args: Json) -> Json:
    return _listed(slack, args, "members", [user.json() for user in slack.users.values()])


def users_conversations(slack: FakeSlack, args: Json) -> Json:
    """The conversations of a person; of private ones, those only that the bot is in as well."""
    user = _person(slack, args).id if args.get("user") else slack.bot_user
    kinds = str(args.get("types", "public_channel")).split(",")
    kept = [each for each in slack.channels.values() if user in each.members and FILTERS[each.kind] in kinds]
    seen = [each for each in kept if each.kind == "public" or slack.bot_user in each.members]
    return _listed(
        slack,
        args,
        "channels",
        [each.json(user) for each in seen if not _truth(args.get("exclude_archived")) or not each.is_archived],
    )


def get_permalink(slack: FakeSlack, args: Json) -> Json:
    channel, ts = _seen(slack, args).id, _needed(args, "message_ts")
    return {"channel": channel, "permalink": slack.permalink(channel, ts)}


# Writing


def post_message(slack: FakeSlack, args: Json) -> Json:
    channel = _written(slack, args)
    slack.paced(channel.id)
    message = slack.post(
        channel.id, _content(args), thread=args.get("thread_ts"), broadcast=_truth(args.get("reply_broadcast"))
    )
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def post_ephemeral(slack: FakeSlack, args: Json) -> Json:
    channel, user = _written(slack, args), _needed(args, "user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    shown = slack.show(channel.id, user, _content(args), thread=args.get("thread_ts"))
    return {"message_ts": shown["ts"]}


def update(slack: FakeSlack, args: Json) -> Json:
    channel = _written(slack, args)
    message = _own(slack, channel, args, "cant_update_message")
    if len(str(args.get("text", "")).encode()) > UPDATE_BYTES:
        raise SlackError("msg_too_long")
    content = _content(args)
    if "blocks" not in content and "text" in args:
        message.pop("blocks", None)  # text alone takes the blocks away
    slack.edit(channel.id, message["ts"], content.pop("text", message["text"]), **content)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}


def delete(slack: FakeSlack, args: Json) -> Json:
    channel = _written(slack, args)
    message = _own(slack, channel, args, "cant_delete_message")
    slack.delete(channel.id, message["ts"])
    return {"channel": channel.id, "ts": message["ts"]}


def add_reaction(slack: FakeSlack, args: Json) -> Json:
    slack.react(_written(slack, args).id, _needed(args, "timestamp"), slack.bot_user, _needed(args, "name"))
    return {}


def remove_reaction(slack: FakeSlack, args: Json) -> Json:
    slack.react(_written(slack, args).id, _needed(args, "timestamp"), slack.bot_user, _needed(args, "name"), removed=True)
    return {}


# Streams and the agent's view


def start_stream(slack: FakeSlack, args: Json) -> Json:
    channel, thread = _written(slack, args), _needed(args, "thread_ts")
    if channel.kind != "im":
        for name in ("recipient_team_id", "recipient_user_id"):
            if not args.get(name):
                raise SlackError(f"missing_{name}")
    message = slack.post(channel.id, {"text": "", "streaming": True}, thread=thread)
    _stream(message, args)
    return {"channel": channel.id, "ts": message["ts"]}


def append_stream(slack: FakeSlack, args: Json) -> Json:
    message = _streaming(slack, args)
    _stream(message, args)
    return {"channel": args["channel"], "ts": message["ts"]}


def stop_stream(slack: FakeSlack, args: Json) -> Json:
    message = _streaming(slack, args)
    _stream(message, args)
    message["streaming"] = False
    if args.get("blocks"):
        message["blocks"] = checked(args["blocks"])
    return {"channel": args["channel"], "ts": message["ts"], "message": message}


def set_status(slack: FakeSlack, args: Json) -> Json:
    _seen(slack, args, name="channel_id")
    slack.statuses.append((_needed(args, "channel_id"), _needed(args, "thread_ts"), str(args.get("status", ""))))
    return {}


def acknowledged(slack: FakeSlack, args: Json) -> Json:
    """Kept in `calls`, and nothing more."""
    return {}


# Views


def publish(slack: FakeSlack, args: Json) -> Json:
    user = _person(slack, args, name="user_id").id
    slack.homes[user] = _view(slack, args, "home", old=slack.homes.get(user))
    return {"view": slack.homes[user]}


def open_view(slack: FakeSlack, args: Json) -> Json:
    made = slack.triggers.pop(_needed(args, "trigger_id"), None)
    if made is None or slack.now() - made > 3:
        raise SlackError("expired_trigger_id")
    view = _view(slack, args, "modal")
    slack.modals[view["id"]] = view
    return {"view": view}


def update_view(slack: FakeSlack, args: Json) -> Json:
    number = _needed(args, "view_id")
    if number not in slack.modals:
        raise SlackError("not_found")
    slack.modals[number] = _view(slack, args, "modal", old=slack.modals[number])
    return {"view": slack.modals[number]}


Method = Callable[["FakeSlack", Json], Json]

# method -> what answers it, and the scope it needs; `{}` stands for the channel's kind
METHODS: dict[str, tuple[Method, str | None]] = {
    "api.test": (api_test, None),
    "auth.test": (auth_test, None),
    "apps.connections.open": (connections_open, None),
    "assistant.threads.setStatus": (set_status, "chat:write"),
    "assistant.threads.setSuggestedPrompts": (acknowledged, "assistant:write"),
    "assistant.threads.setTitle": (acknowledged, "assistant:write"),
    "bots.info": (bots_info, "users:read"),
    "chat.appendStream": (append_stream, "chat:write"),
    "chat.delete": (delete, "chat:write"),
    "chat.getPermalink": (get_permalink, None),
    "chat.postEphemeral": (post_ephemeral, "chat:write"),
    "chat.postMessage": (post_message, "chat:write"),
    "chat.startStream": (start_stream, "chat:write"),
    "chat.stopStream": (stop_stream, "chat:write"),
    "chat.update": (update, "chat:write"),
    "conversations.history": (conversations_history, "{}:history"),
    "conversations.info": (conversations_info, "{}:read"),
    "conversations.members": (conversations_members, "{}:read"),
    "conversations.open": (conversations_open, "im:write"),
    "conversations.replies": (conversations_replies, "{}:history"),
    "oauth.v2.access": (oauth_access, None),
    "reactions.add": (add_reaction, "reactions:write"),
    "reactions.remove": (remove_reaction, "reactions:write"),
    "team.info": (team_info, "team:read"),
    "users.conversations": (users_conversations, "{}:read"),
    "users.info": (users_info, "users:read"),
    "users.list": (users_list, "users:read"),
    "views.open": (open_view, None),
    "views.publish": (publish, None),
    "views.update": (update_view, None),
}
SCOPES = frozenset(scope.format(kind) for _, scope in METHODS.values() if scope for kind in KINDS.values())


def needed_scopes(slack: FakeSlack, method: str, args: Json) -> list[str]:
    """The scopes that a call needs: of the channel's kind, or of each kind that is asked for."""
    scope = METHODS[method][1]
    if scope is None:
        return []
    if method == "users.conversations":
        asked = str(args.get("types", "public_channel")).split(",")
        return [scope.format(KINDS[kind]) for kind, name in FILTERS.items() if name in asked]
    channel = slack.channels.get(args.get("channel", ""))
    return [scope.format(KINDS[channel.kind if channel else "public"])]


# What several methods ask


def _needed(args: Json, name: str) -> str:
    if not args.get(name):
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
    return str(args[name])


def _truth(value: Any) -> bool:
    return value in {True, "1", "true"}


def _person(slack: FakeSlack, args: Json, *, name: str = "user") -> User:
    if (user := slack.users.get(_needed(args, name))) is None:
        raise SlackError("user_not_found")
    return user


def _seen(slack: FakeSlack, args: Json, *, name: str = "channel") -> Channel:
    """A channel that the bot may know of: a public one, or one it is in."""
    channel = slack.channels.get(_needed(args, name))
    if channel is None or (channel.kind != "public" and slack.bot_user not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def _read(slack: FakeSlack, args: Json) -> Channel:
    channel = _seen(slack, args)
    if slack.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _written(slack: FakeSlack, args: Json) -> Channel:
    if args.get("channel") in slack.users:  # a person's id stands for the direct message with them
        args = args | {"channel": slack.im(args["channel"])}
    channel = _read(slack, args)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _own(slack: FakeSlack, channel: Channel, args: Json, refusal: str) -> Json:
    message = slack.message_at(channel.id, _needed(args, "ts"))
    if message.get("bot_id") != slack.bot_id:
        raise SlackError(refusal)
    return message


def _content(args: Json) -> Json:
    """Text, blocks and the rest of a message that is about to be posted, checked."""
    kept = {key: args[key] for key in ("text", "metadata", "unfurl_links", "unfurl_media", "username") if key in args}
    if "markdown_text" in args:
        if "text" in args or "blocks" in args:
            raise SlackError("markdown_text_conflict")
        kept["text"] = args["markdown_text"]
    if args.get("blocks"):
        kept["blocks"] = checked(args["blocks"])
    if args.get("attachments"):
        kept["attachments"] = _json(args["attachments"])
    if not (str(kept.get("text", "")).strip() or kept.get("blocks") or kept.get("attachments")):
        raise SlackError("no_text")
    if len(kept.get("text", "")) > TEXT:
        raise SlackError("msg_too_long")
    return kept


def _stream(message: Json, args: Json) -> None:
    added = [chunk.get("text", "") for chunk in _json(args.get("chunks", [])) if chunk.get("type") == "markdown_text"]
    added.append(args.get("markdown_text", ""))
    if len("".join(added)) > STREAMED:
        raise SlackError("msg_too_long")
    message["text"] += "".join(added)


def _streaming(slack: FakeSlack, args: Json) -> Json:
    message = _own(slack, _written(slack, args), args, "message_not_owned_by_app")
    if not message.get("streaming"):
        raise SlackError("message_not_in_streaming_state")
    return message


def _view(slack: FakeSlack, args: Json, kind: str, *, old: Json | None = None) -> Json:
    view = _json(args.get("view"))
    if not isinstance(view, dict) or view.get("type") != kind:
        raise SlackError("invalid_arguments")
    if kind == "modal" and not 0 < len(view.get("title", {}).get("text", "")) <= 24:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] title: 1 to 24 characters"]})
    if old and args.get("hash", old["hash"]) != old["hash"]:
        raise SlackError("hash_conflict")
    about = {"id": old["id"] if old else slack.number("V"), "hash": slack.number("h"), "team_id": slack.team_id}
    return (
        view
        | {"blocks": checked(view.get("blocks", []), most=VIEW_BLOCKS)}
        | about
        | {"app_id": slack.app_id, "bot_id": slack.bot_id}
    )


def _within(message: Json, args: Json) -> bool:
    ts, oldest, latest = float(message["ts"]), float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    return oldest <= ts <= latest if _truth(args.get("inclusive")) else oldest < ts < latest


def _messages(slack: FakeSlack, args: Json, messages: list[Json], *, default: int, mark: str) -> Json:
    size = min(int(args.get("limit") or default), slack.page_cap)
    page, cursor = pages(messages, size=size, cursor=args.get("cursor"), mark=mark)
    return {"messages": page, "has_more": bool(cursor)} | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _listed(slack: FakeSlack, args: Json, name: str, items: list[Any]) -> Json:
    size = min(int(args.get("limit") or 100), slack.list_cap)
    page, cursor = pages(items, size=size, cursor=args.get("cursor"), mark=name)
    return {name: page, "response_metadata": {"next_cursor": cursor}}


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
