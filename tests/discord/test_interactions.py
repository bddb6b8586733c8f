"""Commands, menus, clicks and modals of the fake under discord.py's own command tree and views."""

from __future__ import annotations

import asyncio
import io

import discord
import pytest
from discord import app_commands

from .client import Client, running
from .hooks import LIFE_S

pytestmark = pytest.mark.timeout(30)


class Question(discord.ui.Modal, title="Ask about this"):
    question: discord.ui.TextInput = discord.ui.TextInput(label="Question", custom_id="question", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You ask: {self.question.value}", ephemeral=True)


class Buttons(discord.ui.View):
    @discord.ui.button(label="Share", custom_id="share:1")
    async def share(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.send_message("Shared.")

    @discord.ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="More.")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.send_modal(Question())

    @discord.ui.select(custom_id="language", options=[discord.SelectOption(label="German", value="de")])
    async def language(self, interaction: discord.Interaction, menu: discord.ui.Select) -> None:
        await interaction.response.edit_message(content=f"Now in {menu.values[0]}.", view=None)


class Asked:
    """The last interaction that a client got, once it has come."""

    def __init__(self, client: Client) -> None:
        self._client, self._seen = client, 0

    async def next(self) -> discord.Interaction:
        self._seen += 1
        return await self._client.hears("interaction", self._seen)


@pytest.fixture
async def asked(client) -> Asked:
    """Commands whose interactions the test itself answers, and the buttons above."""

    @client.tree.command(description="Sum up")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def summarize(interaction: discord.Interaction, last: app_commands.Range[int, 1, 100] = 20) -> None:
        interaction.extras["last"] = last

    @client.tree.command(description="Translate")
    @app_commands.choices(style=[app_commands.Choice(name="Plain", value="plain")])
    async def translate(
        interaction: discord.Interaction, language: str, who: discord.Member | None = None, style: str = ""
    ) -> None:
        await interaction.response.send_message(f"{language} {who} {style}")

    @translate.autocomplete("language")
    async def languages(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=name, value=name) for name in ("German", "Greek", "Polish") if name.startswith(typed)
        ]

    @client.tree.context_menu(name="Sentiment")
    async def sentiment(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{message.author.name}: {message.content}")

    settings = app_commands.Group(name="settings", description="Settings")

    @settings.command(name="language", description="Your language")
    async def own_language(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(f"{name} {interaction.locale}", ephemeral=True)

    client.tree.add_command(settings)
    client.add_view(Buttons(timeout=None))
    await client.tree.sync()
    return Asked(client)


async def test_a_deferred_answer_is_filled_by_the_first_follow_up(fake, ana, channel, asked):
    used = fake.command(ana, channel, "summarize", {"last": 50})
    interaction = await asked.next()
    await interaction.response.defer(ephemeral=True)
    assert (await used.acknowledged(), used.whole) == ({"type": 5, "data": {"flags": 64}}, [])
    await interaction.followup.send("All is well.", file=discord.File(io.BytesIO(b"x"), "summary.md"))
    first = await used.answer()
    assert (first.text, first.ephemeral, first.to, first.files) == ("All is well.", True, ana, {"summary.md": b"x"})
    await interaction.followup.send("In the open.")
    assert (await used.answer(2)).ephemeral is False
    assert fake.transcript(channel) == ["Parley: In the open."]
    assert used.seconds < 3


async def test_an_answer_can_be_edited_and_deleted(fake, ana, channel, asked):
    used = fake.command(ana, channel, "summarize")
    interaction = await asked.next()
    await interaction.response.send_message("Thinking of it.")
    await interaction.edit_original_response(embed=discord.Embed(title="Summary", description="All is well."))
    assert (await used.answer()).text == "Thinking of it.\nSummary\nAll is well."
    assert (await interaction.original_response()).embeds[0].title == "Summary"
    await interaction.delete_original_response()
    assert (used.shown, fake.messages(channel)) == ([], [])
    with pytest.raises(discord.NotFound):
        await interaction.edit_original_response(content="Too late.")


async def test_a_second_answer_is_refused(fake, ana, channel, asked):
    fake.command(ana, channel, "summarize")
    interaction = await asked.next()
    await interaction.response.send_message("First.")
    await _refused(_callback(interaction), 400, 40060)
    assert fake.transcript(channel) == ["Parley: First."]


async def test_after_three_seconds_the_interaction_is_unknown(fake, ana, channel, asked):
    used = fake.command(ana, channel, "summarize")
    interaction = await asked.next()
    fake.age(used, 3.1)
    await _refused(interaction.response.defer(), 404, 10062)
    old = fake.command(ana, channel, "summarize", age=4)
    interaction = await asked.next()
    assert (interaction.id, (discord.utils.utcnow() - interaction.created_at).total_seconds() >= 4) == (old.id, True)
    await _refused(interaction.response.defer(), 404, 10062)
    assert used.responses == old.responses == []


async def test_after_a_quarter_of_an_hour_the_token_is_void(fake, ana, channel, asked):
    used = fake.command(ana, channel, "summarize")
    interaction = await asked.next()
    await interaction.response.defer()
    fake.age(used, LIFE_S)
    await _refused(interaction.followup.send("Late."), 401, 50027)
    await _refused(interaction.edit_original_response(content="Late."), 401, 50027)


async def test_a_follow_up_needs_an_answer_before_it(fake, ana, channel, asked):
    fake.command(ana, channel, "summarize")
    await _refused((await asked.next()).followup.send("Hello."), 404, 10015)


async def test_a_persons_own_app_has_five_follow_ups(fake, ana, asked):
    away = fake.channel(fake.guild("Elsewhere", ana, bot=False), "general")
    used = fake.command(ana, away, "summarize")
    interaction = await asked.next()
    assert (interaction.is_user_integration(), interaction.is_guild_integration()) == (True, False)
    await interaction.response.send_message("Here.")
    for number in range(5):
        await interaction.followup.send(f"Part {number}")
    await _refused(interaction.followup.send("Part 5"), 400, 40094)
    assert len(used.whole) == 6
    fake.deny(away, "use_external_apps")
    private = fake.command(ana, away, "summarize")
    await (await asked.next()).response.send_message("Here.")
    assert (await private.answer()).ephemeral


async def test_commands_work_in_groups_and_direct_messages(fake, ana, asked):
    group = fake.group(ana, fake.user("Ben"), fake.user("Eve"))
    for place, kind in ((group, discord.GroupChannel), (fake.dm(ana), discord.DMChannel)):
        used = fake.command(ana, place, "summarize")
        interaction = await asked.next()
        assert (type(interaction.channel), interaction.user.id, interaction.guild) == (kind, ana.id, None)
        await interaction.response.send_message("Here.")
        assert (await used.answer()).channel is place


async def test_options_are_typed_and_completed(fake, ana, channel, asked):
    typing = fake.autocomplete(ana, channel, "translate", "language", "G")
    assert [choice["value"] for choice in await typing.offered()] == ["German", "Greek"]
    used = fake.command(ana, channel, "translate", {"language": "German", "who": ana, "style": "Plain"})
    assert (await used.answer()).text == "German ana plain"
    settings = fake.command(ana, channel, "settings language", {"name": "pt"})
    assert (await settings.answer()).text == "pt pt-BR"
    for options in ({}, {"language": 3}, {"language": "de", "style": "odd"}, {"language": "de", "odd": "x"}):
        with pytest.raises((LookupError, ValueError)):
            fake.command(ana, channel, "translate", options)
    with pytest.raises(ValueError, match="last"):
        fake.command(ana, channel, "summarize", {"last": 101})
    with pytest.raises(LookupError):
        fake.command(ana, channel, "translate", {"language": "de"}, installed="user")


async def test_a_menu_brings_the_message_even_without_the_content_intent(fake, ana, channel):
    fake.content = "none"
    async with running(fake, Client(content=False)) as client:

        @client.tree.context_menu(name="Sentiment")
        async def sentiment(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"{message.author.name}: {message.content}")

        await client.tree.sync()
        message = fake.say(channel, ana, "Great!")
        answer = await fake.menu(ana, "Sentiment", message).answer()
    assert (answer.text, answer.interaction["target_message_id"]) == ("ana: Great!", str(message.id))


async def test_buttons_answer_update_and_ask(fake, client, ana, channel, asked):
    await client.get_channel(channel.id).send("Summary", view=Buttons(timeout=None))
    (message,) = fake.answers(channel)
    assert message.labels == ["Share", "More", "Ask"]
    shared = await fake.click(ana, message, "share").answer()
    assert (shared.text, shared.reply_to) == ("Shared.", message)
    assert await fake.click(ana, message, "More").answer() is message
    assert message.text == "More."
    opened = fake.click(ana, message, "ask")
    assert (await opened.modal())["title"] == "Ask about this"
    with pytest.raises(ValueError, match="question"):
        fake.submit(opened, {"question": "x" * 21})
    sent = await fake.submit(opened, {"question": "Why?"}).answer()
    assert (sent.text, sent.ephemeral) == ("You ask: Why?", True)
    await fake.select(ana, message, "language", "German").answer()
    assert (message.text, message.controls) == ("Now in de.", [])
    with pytest.raises(LookupError):
        fake.click(ana, message, "Share")


async def test_only_whom_an_answer_is_shown_to_can_use_it(fake, ana, channel, asked):
    used = fake.command(ana, channel, "summarize")
    await (await asked.next()).response.send_message("Private.", view=Buttons(timeout=None), ephemeral=True)
    message = await used.answer()
    assert (fake.messages(channel), fake.ephemeral) == ([], [message])
    with pytest.raises(PermissionError):
        fake.click(fake.user("Ben"), message, "Share")
    await fake.click(ana, message, "Share").answer()
    assert fake.transcript(channel) == ["Parley: Shared."]


async def test_commands_are_for_those_who_may(fake, client, ana, guild, channel, asked):
    client.tree.get_command("summarize").default_permissions = discord.Permissions(manage_guild=True)
    ids = {each["name"]: each["id"] for each in fake.commands}
    await client.tree.sync()
    assert ({each["name"]: each["id"] for each in fake.commands}, fake.syncs) == (ids, 2)
    with pytest.raises(PermissionError):
        fake.command(ana, channel, "summarize")
    fake.role(guild, "admin", "manage_guild", [ana])
    fake.command(ana, channel, "summarize")
    await asked.next()


async def test_many_people_at_once(fake, guild, channel, asked):
    people = [fake.user(f"Person {number}") for number in range(50)]
    used = [fake.command(person, channel, "translate", {"language": person.name}) for person in people]
    answers = await asyncio.gather(*(each.answer() for each in used))
    assert [answer.text.strip() for answer in answers] == [f"{person.name} None" for person in people]


async def _callback(interaction: discord.Interaction) -> None:
    """Answer once more, which discord.py itself would not."""
    params = discord.webhook.async_.interaction_response_params(5)
    await discord.webhook.async_.AsyncWebhookAdapter().create_interaction_response(
        interaction.id, interaction.token, session=interaction._session, params=params
    )


async def _refused(call, status: int, code: int) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await call
    assert (refused.value.status, refused.value.code) == (status, code)
