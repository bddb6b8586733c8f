"""What people choose reaches the desk at once, in words, with what it is about; or they are told what to choose instead."""

from __future__ import annotations

import asyncio

import pytest

from bot import windows, wording
from bot.platforms.asked import Place
from bot.platforms.discord import commands, sync, tree
from bot.platforms.discord.options import NO_LINK
from bot.platforms.discord.tree import Tree

SAID = "what was said"


class Desk:
    """Writes down what it takes."""

    def __init__(self):
        self.languages, self.taken = ["de", "en", "pt"], []
        self.fault, self.defers, self.says = None, False, True

    async def take(self, interaction, text, *, about, show, target=None):
        self.taken.append((text, about, show, target and target.content))
        await self._done(interaction)

    async def settings(self, interaction):
        self.taken.append("settings")
        await self._done(interaction)

    async def question(self, interaction, about, *, target=None):
        self.taken.append((about, target.content))
        await self._done(interaction)

    async def _done(self, interaction):
        if self.defers:
            await interaction.response.defer(ephemeral=True)
        if self.defers and self.says:
            await interaction.followup.send(SAID)
        elif self.says:
            await interaction.response.send_message(SAID, ephemeral=True)
        if self.fault:
            raise self.fault


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
async def commanded(discord, client, desk, state):
    """A client whose commands are registered."""
    await sync.sync(Tree(client, desk), state)
    return client


@pytest.fixture
def channel(discord, guild):
    return discord.channel(guild, "incident")


@pytest.fixture
def message(discord, channel, ben):
    return discord.say(channel, ben, "the release is late")


@pytest.fixture
def link(message):
    return f"https://discord.com/channels/{message.channel.guild.id}/{message.channel.id}/{message.id}"


@pytest.fixture
def use(discord, commanded, desk, ana, channel):
    """Use a slash command; returns what the desk took: the line, what it is about, and who is to see the answer."""

    async def use(name, **options):
        shown = await discord.command(ana, channel, name, options).answer()
        assert shown.content == SAID
        return desk.taken.pop()[:3]

    return use


@pytest.fixture
def refused(discord, commanded, desk, ana, channel):
    """Use a slash command that the desk is not to hear of; returns what is said about it."""

    async def refused(name, **options):
        shown = await discord.command(ana, channel, name, options).answer()
        assert not desk.taken
        assert shown.ephemeral
        return shown.content

    return refused


async def test_without_options_a_command_is_about_this_conversation(use):
    assert await use("summarize") == ("/summarize", None, None)
    assert await use("translate") == ("/translate", None, None)
    assert await use("sentiment") == ("/sentiment", None, None)
    assert await use("help") == ("/help", None, None)


async def test_a_summary_is_of_what_was_chosen(use):
    chosen = await use("summarize", since="yesterday 9:00", last=30, points=5, show="everyone")
    assert chosen == ("/summarize 5 points last 30 messages since yesterday 9:00", None, True)


async def test_a_time_may_be_told_in_the_language_that_discord_is_used_in(use, ana):
    ana.locale = "de"
    assert await use("summarize", since="gestern 9 Uhr") == ("/summarize seit gestern 9 Uhr", None, None)


async def test_a_time_of_spaces_is_none(use):
    assert await use("summarize", since="  ") == ("/summarize", None, None)


async def test_what_is_no_time_is_told_at_once(refused):
    assert await refused("summarize", since="purple elephants") == commands.NO_TIME


async def test_a_question_goes_as_it_is(use):
    assert await use("ask", question="summarize what?", show="me") == ("/ask summarize what?", None, False)


async def test_a_text_goes_with_its_language(use):
    assert await use("translate", text="it works", to="pt") == ("/translate pt: it works", None, None)
    assert await use("translate", text="de nada") == ("/translate “de nada”", None, None)
    assert await use("sentiment", text="I love it") == ("/sentiment I love it", None, None)


@pytest.mark.parametrize(
    ("name", "code"), [("Portuguese", "pt"), ("português", "pt"), ("Brazilian Portuguese", "pt"), ("French", "fr")]
)
async def test_a_language_may_be_written_out(use, name, code):
    assert await use("translate", to=name) == (f"/translate {code}", None, None)


async def test_what_is_no_language_is_told_at_once(refused):
    assert await refused("translate", text="hello", to="klingonese") == commands.NO_LANGUAGE


@pytest.mark.parametrize("name", ["summarize", "ask"])
async def test_a_link_to_a_message_means_from_there_on(use, channel, message, link, name):
    options = {"question": "why?"} if name == "ask" else {}
    _, about, _ = await use(name, link=link, **options)
    assert about == Place(str(channel.id), str(message.id))


@pytest.mark.parametrize("name", ["translate", "sentiment"])
async def test_a_link_to_a_message_means_that_one(use, channel, message, link, name):
    _, about, _ = await use(name, link=f"<{link}>")
    assert about == Place(str(channel.id), None, str(message.id))


@pytest.mark.parametrize("name", ["summarize", "ask", "translate", "sentiment"])
async def test_a_link_to_a_channel_or_its_name_means_all_of_it(use, guild, channel, name):
    options = {"question": "why?"} if name == "ask" else {}
    for link in (f"https://discord.com/channels/{guild.id}/{channel.id}", f"<#{channel.id}>"):
        _, about, _ = await use(name, link=link, **options)
        assert about == Place(str(channel.id))


async def test_a_text_of_its_own_is_about_no_message(use, link):
    assert await use("sentiment", text="fine", link=link) == ("/sentiment fine", None, None)
    assert await use("translate", text="fine", to="de", link=link) == ("/translate de: fine", None, None)


@pytest.mark.parametrize("link", ["https://example.com/channels/1/2/3", "incident", "#incident"])
async def test_a_link_that_leads_nowhere_is_told_at_once(refused, link):
    assert await refused("summarize", link=link) == NO_LINK


async def test_the_settings_are_shown(discord, commanded, desk, ana, channel):
    await discord.command(ana, channel, "settings").answer()
    assert desk.taken == ["settings"]


@pytest.mark.parametrize(
    ("name", "line", "from_here"),
    [("Translate", "/translate", False), ("Summarize from here", "/summarize", True), ("Sentiment", "/sentiment", False)],
)
async def test_the_menu_of_a_message_is_about_it_and_hands_it_over(
    discord, commanded, desk, ana, message, name, line, from_here
):
    channel, this = str(message.channel.id), str(message.id)
    await discord.menu(ana, name, message).answer()
    about = Place(channel, this) if from_here else Place(channel, None, this)
    assert desk.taken == [(line, about, None, "the release is late")]


async def test_the_menu_of_a_message_asks_for_a_question(discord, commanded, desk, ana, message):
    await discord.menu(ana, "Ask about this", message).answer()
    assert desk.taken == [(Place(str(message.channel.id), str(message.id)), "the release is late")]


async def test_languages_are_offered_while_typing(discord, commanded, ana, channel):
    ana.locale = "pt-BR"
    offered = await discord.autocomplete(ana, channel, "translate", "to", "alem").offered()
    assert offered == [{"name": "Deutsch – alemão", "value": "de"}]
    offered = await discord.autocomplete(ana, channel, "translate", "to", "").offered()
    assert [choice["value"] for choice in offered] == ["pt", "en", "de"]


async def test_a_busy_host_hands_a_command_over_as_it_is(use, monkeypatch):
    monkeypatch.setattr(commands, "PATIENCE_S", 0)
    assert await use("summarize", since="purple elephants") == ("/summarize since purple elephants", None, None)
    assert await use("translate", to="Portuguese", text="hi") == ("/translate Portuguese: hi", None, None)


async def over():
    """Wait until the commands under way have come to their end."""
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "CommandTree-invoker"))


@pytest.fixture
def failing(discord, commanded, desk, ana, channel):
    """Use a command at which the desk fails; returns what is shown in the end, and whether to the asker alone."""

    async def failing(*, defers=False, says=False):
        desk.fault, desk.defers, desk.says = RuntimeError("secret words"), defers, says
        interaction = discord.command(ana, channel, "help")
        await over()
        return [(message.content, message.ephemeral) for message in interaction.shown]

    return failing


@pytest.mark.parametrize("defers", [False, True])
async def test_who_gets_no_answer_is_told_that_something_went_wrong(failing, caplog, defers):
    assert await failing(defers=defers) == [(wording.BROKEN, True)]
    assert [record.getMessage() for record in caplog.records] == ["a command failed with RuntimeError"]


@pytest.mark.parametrize("defers", [False, True])
async def test_who_got_an_answer_is_told_nothing_more(failing, caplog, defers):
    assert await failing(defers=defers, says=True) == [(SAID, True)]
    assert "secret" not in caplog.text


async def test_where_even_that_cannot_be_said_it_is_logged(discord, commanded, desk, ana, channel, caplog):
    desk.fault, desk.says = RuntimeError("secret words"), False
    discord.fail("POST", "/interactions/*/*/callback", status=404, code=10062)
    discord.command(ana, channel, "help")
    await over()
    assert [record.getMessage() for record in caplog.records] == [
        "a command failed with RuntimeError",
        "Discord did not take an answer: NotFound",
    ]


async def test_a_command_that_is_no_more_is_explained(discord, commanded, ana, channel):
    discord.register([{"name": "old", "type": 1, "description": "Gone since"}])
    assert (await discord.command(ana, channel, "old").answer()).content == tree.OUTDATED


async def test_a_command_whose_options_are_others_by_now_is_explained(discord, commanded, desk, ana, channel):
    discord.register([{"name": "ask", "type": 1, "description": "Asks without a question"}])
    assert (await discord.command(ana, channel, "ask").answer()).content == tree.OUTDATED
    assert not desk.taken


async def test_without_a_desk_a_command_is_answered_with_regret(discord, client, state, ana, channel):
    await sync.synced(client, state)
    assert (await discord.command(ana, channel, "help").answer()).content == wording.BROKEN


async def test_what_takes_its_time_at_first_can_be_loaded_ahead(client, desk, monkeypatch):
    read = []
    monkeypatch.setattr(windows, "read", lambda text, *, now: read.append(text))
    await Tree(client, desk).warm()
    assert read == ["/summarize since yesterday"]
