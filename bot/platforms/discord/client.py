"""What discord.py hears is handed to the desk, and nothing waits for an answer."""

from __future__ import annotations

import discord

from bot.assistant import Assistant
from bot.platforms.discord import api, sync
from bot.platforms.discord.desk import Desk
from bot.platforms.discord.tree import Tree
from bot.state import State
from bot.work import Work

READY_S = 2.0
DEAF_S = 60.0
"""More than the 41.25 s between two heartbeats, each of which Discord answers."""

CLICKS = {
    discord.InteractionType.component: Desk.clicked,
    discord.InteractionType.modal_submit: Desk.submitted,
}


def intents(*, content: bool) -> discord.Intents:
    """What the gateway is asked to tell: no more than is needed. `content` needs the operator's leave in the portal."""
    wanted = discord.Intents(guilds=True, messages=True, reactions=True)
    wanted.message_content = content
    return wanted


class Client(discord.AutoShardedClient):
    """One bot, over as many connections as Discord suggests.

    Args:
        work: does what is asked for.
        content: whether Discord shows the bot what people write who do not call it.
        bots: ids of other bots and of webhooks that are listened to.
        shards: how many connections there are to be; None for as many as Discord suggests.
        ready_s: seconds without a further server after which all are taken to be known.
        deaf_s: seconds without a word from Discord after which a connection is made anew.
    """

    def __init__(
        self,
        assistant: Assistant,
        state: State,
        work: Work,
        *,
        content: bool,
        bots: frozenset[int] = frozenset(),
        shards: int | None = None,
        ready_s: float = READY_S,
        deaf_s: float = DEAF_S,
    ) -> None:
        super().__init__(
            intents=intents(content=content),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,  # no text is kept
            shard_count=shards,
            proxy=api.proxy(),
            guild_ready_timeout=ready_s,
            heartbeat_timeout=deaf_s,
        )
        self._assistant, self._state, self._work, self._bots = assistant, state, work, bots

    async def setup_hook(self) -> None:
        """Make the desk, now that it is known who we are, and register the commands if they have changed."""
        assert self.user is not None  # as it is logged in
        self.desk = Desk(self, self._assistant, self._state, me=self.user, work=self._work, bots=self._bots)
        tree = Tree(self, self.desk)
        await tree.warm()
        await sync.sync(tree, self._state)

    async def online(self) -> bool:
        """Whether events can come in over every connection."""
        shards = self.shards.values()
        return self.is_ready() and bool(shards) and not any(shard.is_closed() for shard in shards)

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote something."""
        self._work.begin(self.desk.heard(message))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Somebody edited something, or Discord unfurled a link in it."""
        self._work.begin(self.desk.edited(event.message))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """A message is gone."""
        self._work.begin(self.desk.deleted(str(event.channel_id), str(event.message_id)))

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Many are gone."""
        for message in event.message_ids:
            self._work.begin(self.desk.deleted(str(event.channel_id), str(message)))

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody put an emoji under a message."""
        self._work.begin(self.desk.reacted(event))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Somebody clicked, or submitted a modal; commands reach the desk through the tree."""
        if handle := CLICKS.get(interaction.type):
            self._work.begin(handle(self.desk, interaction))
