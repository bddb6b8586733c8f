"""The routes of the REST interface. Each takes the fake, the call and the parts of the path, and gives the body."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import channels, hooks, places
from .errors import DiscordError

Route = Callable[..., Any]

ROUTES: dict[str, Route] = {
    "GET /gateway": places.gateway,
    "GET /gateway/bot": places.gateway_bot,
    "GET /users/@me": places.me,
    "GET /users/@me/guilds": places.my_guilds,
    "POST /users/@me/channels": places.open_dm,
    "GET /users/{id}": places.get_user,
    "GET /applications/@me": places.application,
    "GET /oauth2/applications/@me": places.application,
    "GET /applications/{id}/commands": places.commands,
    "PUT /applications/{id}/commands": places.set_commands,
    "GET /applications/{id}/guilds/{id}/commands": places.commands,
    "PUT /applications/{id}/guilds/{id}/commands": places.set_commands,
    "GET /guilds/{id}": places.get_guild,
    "GET /guilds/{id}/channels": places.guild_channels,
    "GET /guilds/{id}/roles": places.roles,
    "GET /guilds/{id}/members": places.members,
    "GET /guilds/{id}/members/{id}": places.member,
    "GET /guilds/{id}/threads/active": places.active_threads,
    "GET /channels/{id}": channels.get_channel,
    "PATCH /channels/{id}": channels.edit_channel,
    "DELETE /channels/{id}": channels.delete_channel,
    "POST /channels/{id}/typing": channels.type_in,
    "GET /channels/{id}/messages": channels.history,
    "POST /channels/{id}/messages": channels.post_message,
    "GET /channels/{id}/messages/{id}": channels.get_message,
    "PATCH /channels/{id}/messages/{id}": channels.edit_message,
    "DELETE /channels/{id}/messages/{id}": channels.delete_message,
    "GET /channels/{id}/messages/{id}/reactions/{}": channels.reacted,
    "PUT /channels/{id}/messages/{id}/reactions/{}/@me": channels.add_reaction,
    "DELETE /channels/{id}/messages/{id}/reactions/{}/{}": channels.remove_reaction,
    "POST /channels/{id}/messages/{id}/threads": places.thread_from_message,
    "POST /channels/{id}/threads": places.thread,
    "GET /channels/{id}/threads/archived/public": places.archived_public,
    "GET /channels/{id}/threads/archived/private": places.archived_private,
    "GET /channels/{id}/users/@me/threads/archived/private": places.archived_joined,
    "GET /channels/{id}/thread-members": places.thread_members,
    "GET /channels/{id}/thread-members/{}": places.thread_member,
    "PUT /channels/{id}/thread-members/{}": places.join_thread,
    "DELETE /channels/{id}/thread-members/{}": places.leave_thread,
    "POST /interactions/{id}/{}/callback": hooks.callback,
    "POST /webhooks/{id}/{}": hooks.follow_up,
    "GET /webhooks/{id}/{}/messages/{}": hooks.get_response,
    "PATCH /webhooks/{id}/{}/messages/{}": hooks.edit_response,
    "DELETE /webhooks/{id}/{}/messages/{}": hooks.delete_response,
}
PATTERNS = [
    (re.compile(re.escape(key).replace(r"\{id\}", r"(\d+)").replace(r"\{\}", "([^/]+)")), route)
    for key, route in ROUTES.items()
]
OPEN = re.compile(r"/gateway|/(interactions|webhooks)/.*")
"""What needs no token of the bot."""


def found(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route for a call, and the parts of its path.

    Raises:
        DiscordError: There is no such route.
    """
    for pattern, route in PATTERNS:
        if fits := pattern.fullmatch(f"{method} {path}"):
            return route, fits.groups()
    raise DiscordError(404, 0, "404: Not Found")
