"""The app's registered commands, and what Discord makes of somebody using one."""

from __future__ import annotations

from typing import Any

from .errors import Json
from .limits import check_commands
from .posts import Posts
from .rights import may
from .world import Channel, User

SLASH = 1
SUB, SUB_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER = range(1, 11)
KINDS: dict[int, Any] = {
    STRING: str,
    INTEGER: int,
    BOOLEAN: bool,
    USER: User,
    CHANNEL: Channel,
    NUMBER: (int, float),
}


class Commands(Posts):
    """A world that knows the app's commands.

    Attributes:
        commands: those registered for everywhere; `guild_commands` those of single servers, by the server's id.
        syncs: how many times the commands were written as a whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[Json] = []
        self.guild_commands: dict[int, list[Json]] = {}
        self.syncs = 0

    def register(self, commands: list[Json], guild: int | None = None) -> list[Json]:
        """Put these in place of all; a command that keeps its name and kind keeps its id.

        Raises:
            DiscordError: They break a limit.
        """
        check_commands(commands)
        before = self.commands if guild is None else self.guild_commands.get(guild, [])
        ids = {(each["type"], each["name"]): each["id"] for each in before}
        after = [self._command(each, ids, guild) for each in commands]
        if guild is None:
            self.commands = after
        else:
            self.guild_commands[guild] = after
        self.syncs += 1
        self.told()
        return after

    def _command(self, command: Json, ids: dict[tuple[int, str], str], guild: int | None) -> Json:
        kind = command.get("type", SLASH)
        own = {"id": ids.get((kind, command["name"])) or str(self.snowflake()), "application_id": str(self.bot.id)}
        rest: Json = {"default_member_permissions": None, "nsfw": False, "options": [], "description": ""}
        if guild is None:
            rest |= {"contexts": None, "integration_types": [0], "dm_permission": True}
        else:
            rest["guild_id"] = str(guild)
        return rest | command | own | {"type": kind, "version": str(self.snowflake())}

    def registered(self, channel: Channel, name: str, kind: int, user: User) -> Json:
        """The command that a person would find under this name here.

        Raises:
            LookupError: There is none.
            PermissionError: It is not for this person, or nobody may use commands here.
        """
        local = self.guild_commands.get(channel.guild.id, []) if channel.guild else []
        found = next((each for each in [*local, *self.commands] if each["name"] == name and each["type"] == kind), None)
        if found is None:
            raise LookupError(f"no {name!r} among {[each['name'] for each in self.commands]}")
        if channel.guild:
            self.join(channel.guild, user)
            needed = int(found["default_member_permissions"] or 0)
            if not may(channel, user, "view_channel use_application_commands") or not may(channel, user, needed):
                raise PermissionError(f"{user.name} may not use {name!r} in {channel.name!r}")
        return found

    def invoked(self, channel: Channel, name: str, given: Json, user: User, *, typing: str = "") -> tuple[Json, Json]:
        """A slash command and the data of its use; `typing` is the option that is being typed.

        Raises:
            LookupError, ValueError, PermissionError: Discord would not send this.
        """
        first, *parts = name.split()
        registered = self.registered(channel, first, SLASH, user)
        about: Json = {"id": registered["id"], "name": first, "type": SLASH}
        if "guild_id" in registered:
            about["guild_id"] = registered["guild_id"]
        known, chain = registered["options"], []
        for part in parts:
            found = next((each for each in known if each["name"] == part and each["type"] <= SUB_GROUP), None)
            if found is None:
                raise LookupError(f"no {part!r} in {first!r}")
            chain.append(found)
            known = found.get("options", [])
        resolved: Json = {}
        filled = self._options(channel, known, given, typing, resolved)
        for part_ in reversed(chain):
            filled = [{"name": part_["name"], "type": part_["type"], "options": filled}]
        return registered, about | {"options": filled} | ({"resolved": resolved} if resolved else {})

    def _options(self, channel: Channel, known: list[Json], given: Json, typing: str, resolved: Json) -> list[Json]:
        if strange := set(given) - {each["name"] for each in known}:
            raise LookupError(f"no option {strange} among {[each['name'] for each in known]}")
        lacking = [each["name"] for each in known if each.get("required") and each["name"] not in given]
        if lacking and not typing:
            raise ValueError(f"{lacking} must be filled in")
        return [
            self._option(channel, each, given[each["name"]], typing, resolved) for each in known if each["name"] in given
        ]

    def _option(self, channel: Channel, option: Json, value: Any, typing: str, resolved: Json) -> Json:
        own = {"name": option["name"], "type": option["type"]}
        if option["name"] == typing:
            if not option.get("autocomplete"):
                raise LookupError(f"{typing!r} does not complete")
            return own | {"value": value, "focused": True}
        if not isinstance(value, KINDS[option["type"]]) or (option["type"] == INTEGER and isinstance(value, bool)):
            raise ValueError(f"{option['name']!r} does not take {value!r}")
        if isinstance(value, User | Channel):
            self._resolve(channel, value, resolved)
            return own | {"value": str(value.id)}
        return own | {"value": _bounded(option, value)}

    def _resolve(self, channel: Channel, value: User | Channel, resolved: Json) -> None:
        if isinstance(value, Channel):
            about = self.channel_json(value) | {"permissions": str(0)}
            resolved.setdefault("channels", {})[str(value.id)] = about
            return
        resolved.setdefault("users", {})[str(value.id)] = self.user_json(value)
        if channel.guild and value.id in channel.guild.members:
            member = self.member_json(channel.guild.members[value.id], user=False) | {"permissions": "0"}
            resolved.setdefault("members", {})[str(value.id)] = member


def _bounded(option: Json, value: Any) -> Any:
    """The value that Discord sends, for one that it lets a person choose."""
    if choices := option.get("choices"):
        named = {each["name"]: each["value"] for each in choices}
        if value not in named.values() and value not in named:
            raise ValueError(f"{value!r} is none of {named}")
        return named.get(value, value)
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    if not isinstance(value, bool) and not option.get(low, size) <= size <= option.get(high, size):
        raise ValueError(f"{option['name']!r} does not take {value!r}")
    return value
