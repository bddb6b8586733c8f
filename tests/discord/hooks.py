"""How the app answers an interaction: once by the callback, then by the webhook that its token stands for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .calls import Call
from .errors import DiscordError, Json, invalid, unknown, wrong
from .interactions import COMMAND, COMPLETION, COMPONENT, MODAL, Interaction
from .limits import check_choices, check_modal
from .rights import may
from .world import COMMAND_ANSWER, DEFAULT, EPHEMERAL, MENU_ANSWER, REPLY, Message

if TYPE_CHECKING:
    from ..discord_fake import FakeDiscord

ACK_S, LIFE_S, FOLLOWUPS = 3, 15 * 60, 5
MESSAGE, THINKING, LATER, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
TAKES = {
    COMMAND: {MESSAGE, THINKING, OPEN_MODAL},
    COMPONENT: {MESSAGE, THINKING, LATER, UPDATE, OPEN_MODAL},
    COMPLETION: {CHOICES},
    MODAL: {MESSAGE, THINKING, LATER, UPDATE},
}


def callback(discord: FakeDiscord, call: Call, number: str, token: str) -> Json | None:
    """The first answer, which Discord takes within three seconds and once."""
    interaction = discord.interactions.get(int(number))
    if interaction is None or interaction.token != token:
        raise unknown("interaction")
    if interaction.responses:
        raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
    if interaction.age > ACK_S:
        raise unknown("interaction")
    kind = call.body["type"]
    if kind not in TAKES[interaction.type] or (kind in {LATER, UPDATE} and interaction.message is None):
        raise invalid({"type": wrong("INTERACTION_RESPONSE_TYPE_INVALID", "Not an answer to this interaction")})
    message = _respond(discord, interaction, kind, call)
    interaction.responses.append(call.body)
    interaction.answered = asyncio.get_running_loop().time()
    discord.told()
    if call.query.get("with_response") not in {"1", "true"}:
        return None
    return _told(discord, interaction, kind, message)


def _respond(discord: FakeDiscord, interaction: Interaction, kind: int, call: Call) -> Message | None:
    data = call.body.get("data") or {}
    if kind == CHOICES:
        check_choices(data.get("choices", []))
    elif kind == OPEN_MODAL:
        check_modal(data)
    elif kind == MESSAGE:
        interaction.original = _post(discord, interaction, data, call)
    elif kind == THINKING:
        flags = int(data.get("flags") or 0) & EPHEMERAL | _forced(discord, interaction)
        interaction.original = _place(discord, interaction, discord.thinking(interaction, flags))
    else:
        interaction.original = interaction.message
        if kind == UPDATE and interaction.message:
            interaction.show(discord.amend(interaction.message, data, call.files))
    return interaction.original


def _told(discord: FakeDiscord, interaction: Interaction, kind: int, message: Message | None) -> Json:
    """The body of an answer to a callback that asked for one."""
    about: Json = {"id": str(interaction.id), "type": interaction.type}
    resource: Json = {"type": kind}
    if message:
        about |= {"response_message_id": str(message.id), "response_message_loading": message.loading}
        about["response_message_ephemeral"] = message.ephemeral
        if kind in {MESSAGE, UPDATE}:
            resource["message"] = discord.message_json(message, content=True)
    return {"interaction": about, "resource": resource}


# The webhook


def follow_up(discord: FakeDiscord, call: Call, app: str, token: str) -> Json:
    """One more message; the first after "thinking" takes its place, and is as private as that was."""
    interaction, body = _open(discord, app, token), call.body or {}
    if interaction.original and interaction.original.loading:
        return _edited(discord, interaction, interaction.original, call)
    alone = interaction.personal and not _here(discord, interaction)
    if alone and interaction.followups >= FOLLOWUPS:
        raise DiscordError(400, 40094, "This interaction has reached the maximum number of follow up messages")
    message = _post(discord, interaction, body, call, reply_to=interaction.original)
    interaction.followups += 1
    return discord.message_json(message, content=True)


def get_response(discord: FakeDiscord, call: Call, app: str, token: str, message: str) -> Json:
    return discord.message_json(_message(_open(discord, app, token), message), content=True)


def edit_response(discord: FakeDiscord, call: Call, app: str, token: str, message: str) -> Json:
    interaction = _open(discord, app, token)
    return _edited(discord, interaction, _message(interaction, message), call)


def delete_response(discord: FakeDiscord, call: Call, app: str, token: str, message: str) -> None:
    interaction = _open(discord, app, token)
    found = _message(interaction, message)
    discord.delete(found)
    if found in interaction.shown:
        interaction.shown.remove(found)
    if found is interaction.original:  # what follows is a message of its own
        interaction.original = None


def _open(discord: FakeDiscord, app: str, token: str) -> Interaction:
    """The interaction of a token that is still good."""
    found = next((each for each in discord.interactions.values() if each.token == token), None)
    if found is None or int(app) != discord.bot.id or not found.responses:
        raise unknown("webhook")
    if found.age > LIFE_S:
        raise DiscordError(401, 50027, "Invalid Webhook Token")
    return found


def _message(interaction: Interaction, number: str) -> Message:
    if number == "@original":
        found = interaction.original
    else:
        known = [*interaction.shown, *filter(None, [interaction.original])]
        found = next((each for each in known if str(each.id) == number), None)
    if found is None or found.deleted:
        raise unknown("message")
    return found


def _edited(discord: FakeDiscord, interaction: Interaction, message: Message, call: Call) -> Json:
    discord.amend(message, call.body or {}, call.files)
    interaction.show(message)
    return discord.message_json(message, content=True)


def _post(
    discord: FakeDiscord, interaction: Interaction, body: Json, call: Call, *, reply_to: Message | None = None
) -> Message:
    body = body | {"flags": int(body.get("flags") or 0) | _forced(discord, interaction)}
    return _place(discord, interaction, discord.compose(interaction.channel, body, call.files), reply_to)


def _place(discord: FakeDiscord, interaction: Interaction, message: Message, reply_to: Message | None = None) -> Message:
    """Show a message to the person alone, or put it into the channel."""
    answered = reply_to or interaction.message
    message.application_id = message.webhook_id = discord.bot.id
    message.interaction = discord.origin_json(interaction)
    if answered:
        message.type, message.reply_to, message.reference = REPLY, answered, discord.reference_json(answered)
    elif interaction.type == COMMAND:
        message.type = MENU_ANSWER if interaction.target else COMMAND_ANSWER
    else:
        message.type = DEFAULT
    if message.ephemeral:
        discord.show(message, interaction.user)
    else:
        discord.add(message)
    interaction.show(message)
    return message


def _here(discord: FakeDiscord, interaction: Interaction) -> bool:
    guild = interaction.channel.guild
    return guild is not None and discord.bot.id in guild.members


def _forced(discord: FakeDiscord, interaction: Interaction) -> int:
    """An app that only its user brought stays private where people may not use such apps openly."""
    guild = interaction.channel.guild
    if guild and interaction.personal and not may(interaction.channel, interaction.user, "use_external_apps"):
        return EPHEMERAL
    return 0
