"""Commands, menus, clicks and modals: what people start, and what the app shows them for it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from .commands import Commands
from .errors import Json
from .rights import bits, rights
from .world import DM, LOADING, Channel, Message, User, parts_of

COMMAND, COMPONENT, COMPLETION, MODAL = 2, 3, 4, 5
SLASH, MESSAGE_MENU = 1, 3
ABROAD = "embed_links attach_files use_external_emojis"  # what an app may where only its user brought it


@dataclass(eq=False)
class Interaction:
    """One thing that a person did, and what came of it.

    Attributes:
        type: 2 a command or menu, 3 a click, 4 an autocompletion, 5 a modal that was sent.
        made: when, in seconds since 1970; `sent` and `answered` are in seconds of the event loop's clock.
        message: what was clicked on, or what the menu was opened on (`target`).
        responses: the bodies of the app's callback, of which Discord takes one.
        shown: the messages that it led to, oldest first: those it posted, and one that it updated.
        original: the message that "@original" means.
        personal: whether the person brought the app along, rather than the server having it.
    """

    discord: Interactions
    id: int
    token: str
    type: int
    user: User
    channel: Channel
    made: float
    personal: bool
    message: Message | None = None
    target: Message | None = None
    about: Json = field(default_factory=dict)
    sent: float = 0.0
    answered: float | None = None
    responses: list[Json] = field(default_factory=list)
    shown: list[Message] = field(default_factory=list)
    original: Message | None = None
    followups: int = 0

    @property
    def age(self) -> float:
        return self.discord.now() - self.made

    @property
    def seconds(self) -> float:
        """How long the app took to acknowledge it.

        Raises:
            LookupError: It did not, yet.
        """
        if self.answered is None:
            raise LookupError("it was not acknowledged")
        return self.answered - self.sent

    @property
    def ephemeral(self) -> bool:
        """Whether only the person can see what came of it so far."""
        return all(message.ephemeral for message in self.shown)

    async def acknowledged(self, *, within: float = 5) -> Json:
        """Wait for the callback and return its body."""
        await self.discord.until(lambda: self.responses, within=within)
        return self.responses[0]

    async def answer(self, number: int = 1, *, within: float = 5) -> Message:
        """Wait until so many messages are shown, none of them only "thinking", and return the last of them."""
        await self.discord.until(lambda: len(self.whole) >= number, within=within)
        return self.whole[number - 1]

    @property
    def whole(self) -> list[Message]:
        """What was shown, without what is still being thought about."""
        return [message for message in self.shown if not message.loading]

    async def modal(self, *, within: float = 5) -> Json:
        """Wait until a modal was opened."""
        said = await self.acknowledged(within=within)
        assert said["type"] == 9, said
        return dict(said["data"])

    async def offered(self, *, within: float = 5) -> list[Json]:
        """Wait for the choices of an autocompletion."""
        said = await self.acknowledged(within=within)
        assert said["type"] == 8, said
        return list(said["data"]["choices"])

    def show(self, message: Message) -> None:
        if message not in self.shown:
            self.shown.append(message)
        self.discord.told()


class Interactions(Commands):
    """A world whose people use the app. Each driver dispatches at once and returns the Interaction.

    They raise LookupError or ValueError where Discord would not let a person do it: an unknown command, a button that
    is not there, a value out of bounds; and PermissionError where the person may not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.interactions: dict[int, Interaction] = {}

    def command(
        self,
        user: User,
        channel: Channel,
        name: str,
        options: Json | None = None,
        *,
        installed: str | None = None,
        age: float = 0.0,
    ) -> Interaction:
        """Use a slash command: "summarize", or "settings language" for a part of one.

        Options are by name: text, numbers, truth, a User, a Channel. `installed` is "guild" or "user", else whichever
        there is. `age` is how many seconds ago it was used, for events that come late.
        """
        registered, about = self.invoked(channel, name, options or {}, user)
        return self._start(COMMAND, user, channel, about, installed, age, registered=registered)

    def menu(
        self, user: User, name: str, message: Message, *, installed: str | None = None, age: float = 0.0
    ) -> Interaction:
        """Use an entry of a message's menu."""
        channel = message.channel
        registered = self.registered(channel, name, MESSAGE_MENU, user)
        resolved = {"messages": {str(message.id): self.message_json(message, content=True)}}
        about = {"id": registered["id"], "name": name, "type": MESSAGE_MENU, "target_id": str(message.id)}
        about |= {"resolved": resolved}
        return self._start(COMMAND, user, channel, about, installed, age, registered=registered, target=message)

    def autocomplete(
        self, user: User, channel: Channel, name: str, option: str, typed: str, options: Json | None = None, **how: Any
    ) -> Interaction:
        """Type into an option that completes; `options` are those filled already."""
        registered, about = self.invoked(channel, name, (options or {}) | {option: typed}, user, typing=option)
        installed = how.pop("installed", None)
        return self._start(COMPLETION, user, channel, about, installed, how.pop("age", 0.0), registered=registered)

    def click(self, user: User, message: Message, name: str, *, age: float = 0.0) -> Interaction:
        """Press a button, by its custom_id, its label, or the beginning of its custom_id."""
        button = message.control(name)
        if button["type"] != 2 or button.get("disabled") or "custom_id" not in button:
            raise LookupError(f"{name!r} cannot be pressed")
        return self._component(user, message, button, {}, age)

    def select(self, user: User, message: Message, name: str, *values: str, age: float = 0.0) -> Interaction:
        """Choose from a menu, by values or labels of its options."""
        menu = message.control(name)
        options = {each["label"]: each["value"] for each in menu.get("options", [])}
        chosen = [options.get(value, value) for value in values]
        if menu["type"] == 3 and (strange := set(chosen) - set(options.values())):
            raise LookupError(f"no {strange} among {options}")
        if menu.get("disabled") or not menu.get("min_values", 1) <= len(chosen) <= menu.get("max_values", 1):
            raise ValueError(f"{name!r} does not take {len(chosen)} values")
        return self._component(user, message, menu, {"values": chosen}, age)

    def submit(self, opened: Interaction, values: Json | None = None, *, age: float = 0.0) -> Interaction:
        """Send the modal that an interaction opened, with what was typed by custom_id."""
        modal = opened.responses[0]["data"]
        assert opened.responses[0]["type"] == 9, "it opened no modal"
        parts = [_filled(part, values or {}) for part in modal["components"]]
        if strange := set(values or {}) - {each.get("custom_id") for each in parts_of(modal["components"])}:
            raise LookupError(f"no {strange} in the modal")
        about = {"custom_id": modal["custom_id"], "components": parts, "resolved": {}}
        installed = "user" if opened.personal else "guild"
        return self._start(MODAL, opened.user, opened.channel, about, installed, age, message=opened.message)

    def age(self, interaction: Interaction, seconds: float) -> None:
        """Let an interaction be so many seconds older."""
        interaction.made -= seconds

    def _component(self, user: User, message: Message, control: Json, more: Json, age: float) -> Interaction:
        if message.to not in {None, user}:
            raise PermissionError("only one person sees this message")
        if message.deleted:
            raise LookupError("the message is gone")
        about = {"custom_id": control["custom_id"], "component_type": control["type"], "id": 1} | more
        installed = "user" if message.channel.guild and self.bot.id not in message.channel.guild.members else None
        return self._start(COMPONENT, user, message.channel, about, installed, age, message=message)

    def _start(
        self,
        kind: int,
        user: User,
        channel: Channel,
        about: Json,
        installed: str | None,
        age: float,
        *,
        registered: Json | None = None,
        message: Message | None = None,
        target: Message | None = None,
    ) -> Interaction:
        if channel.guild:
            self.join(channel.guild, user)
        personal = self._personal(channel, user, installed, registered)
        made = self.now() - age
        number = self.snowflake(made) + len(self.interactions) if age else self.snowflake()
        interaction = Interaction(self, number, secrets.token_urlsafe(24), kind, user, channel, made, personal)
        interaction.message, interaction.target, interaction.about = message, target, about
        interaction.sent = asyncio.get_running_loop().time()
        self.interactions[interaction.id] = interaction
        self.dispatch("INTERACTION_CREATE", self.interaction_json(interaction), guild=channel.guild)
        return interaction

    def _personal(self, channel: Channel, user: User, installed: str | None, registered: Json | None) -> bool:
        """Whether a use is by the person's own installation; the command must allow it so, and here."""
        here = channel.guild is not None and self.bot.id in channel.guild.members
        ours = here or (channel.type == DM and self.bot in channel.people)
        installed = installed or ("guild" if ours else "user")
        if registered:
            kinds, places = registered.get("integration_types") or [0], registered.get("contexts")
            if (installed == "user") not in kinds:
                raise LookupError(f"{registered['name']!r} is not for the {installed}'s installation")
            if places is not None and self._context(channel) not in places:
                raise LookupError(f"{registered['name']!r} cannot be used in such a place")
        return installed == "user"

    def _context(self, channel: Channel) -> int:
        if channel.guild:
            return 0
        return 1 if channel.type == DM and self.bot in channel.people else 2

    # As JSON

    def interaction_json(self, interaction: Interaction) -> Json:
        channel, user = interaction.channel, interaction.user
        own: Json = {
            "id": str(interaction.id),
            "application_id": str(self.bot.id),
            "type": interaction.type,
            "token": interaction.token,
            "version": 1,
            "data": interaction.about,
            "channel_id": str(channel.id),
            "channel": self.channel_json(channel, user) | {"permissions": str(rights(channel, user))},
            "locale": user.locale,
            "entitlements": [],
            "authorizing_integration_owners": self._owners(interaction),
            "context": self._context(channel),
            "attachment_size_limit": self.upload_limit,
        }
        if interaction.message:
            own["message"] = self.message_json(interaction.message, content=True)
        if channel.guild is None:
            return own | {"user": self.user_json(user), "app_permissions": str(bits(ABROAD))}
        guild = channel.guild
        own |= {"guild_id": str(guild.id), "guild_locale": guild.locale, "member": self.with_rights(channel, user)}
        own["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        here = self.bot.id in guild.members
        return own | {"app_permissions": str(rights(channel, self.bot) if here else bits(ABROAD))}

    def _owners(self, interaction: Interaction) -> Json:
        if interaction.personal:
            return {"1": str(interaction.user.id)}
        return {"0": str(interaction.channel.guild.id if interaction.channel.guild else 0)}

    def origin_json(self, interaction: Interaction) -> Json:
        """What a message says about the interaction that it answers."""
        own = {"id": str(interaction.id), "type": interaction.type, "user": self.user_json(interaction.user)}
        own |= {"authorizing_integration_owners": self._owners(interaction)}
        if interaction.type == COMPONENT and interaction.message:
            own["interacted_message_id"] = str(interaction.message.id)
        if interaction.target:
            own["target_message_id"] = str(interaction.target.id)
        if interaction.type == MODAL:
            first = {"id": str(interaction.id), "type": COMMAND, "user": self.user_json(interaction.user)}
            own["triggering_interaction_metadata"] = first | {"authorizing_integration_owners": self._owners(interaction)}
        return own

    def thinking(self, interaction: Interaction, flags: int) -> Message:
        """The message that stands for an answer to come."""
        message = Message(self.snowflake(), interaction.channel, self.bot, flags=flags | LOADING)
        message.application_id = message.webhook_id = self.bot.id
        return message


def _filled(part: Json, values: Json) -> Json:
    """A part of a modal with what was typed into it."""
    kept: Json = {key: part[key] for key in ("type", "id", "custom_id") if key in part}
    if inner := part.get("components"):
        return kept | {"components": [_filled(each, values) for each in inner]}
    if inner := part.get("component"):
        return kept | {"component": _filled(inner, values)}
    if part["type"] == 4:
        typed = str(values.get(part["custom_id"]) or part.get("value") or "")
        if part.get("required", True) and not typed:
            raise ValueError(f"{part['custom_id']!r} must be filled in")
        if not part.get("min_length", 0) <= len(typed) <= part.get("max_length", 4000) and typed:
            raise ValueError(f"{part['custom_id']!r} cannot hold {len(typed)} letters")
        return kept | {"value": typed}
    if "custom_id" in part:
        chosen = values.get(part["custom_id"], [])
        return kept | {"values": [chosen] if isinstance(chosen, str) else list(chosen)}
    return kept
