import pytest

from bot.platforms.discord.permissions import told

MENDED = "allow it under Edit Channel, Permissions, or everywhere under Server Settings, Roles."
FORUM, CATEGORY = 15, 4


def channel(guild, name):
    return next(each for each in guild.channels if each.name == name)


# Servers


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "1 server: Acme."),
        (["B"], "2 servers: Acme and B."),
        (["B", "C", "D", "E"], "5 servers: Acme, B, C and 2 more."),
    ],
)
async def test_servers_are_named(discord, setup, said, more, told):
    for name in more:
        discord.guild(name)
    assert await said("servers", setup()) == ("ok", f"The bot is on {told}")


async def test_a_bot_without_a_server_needs_an_invitation(discord, setup, found):
    discord.guilds.clear()
    findings = await found(setup())
    [(verdict, words)] = findings["servers"]
    assert verdict == "note"
    assert "parley discord invite" in words
    assert findings["permissions"] == [("skipped", "The bot is on no server yet.")]


async def test_people_who_installed_it_are_counted(discord, setup, found):
    discord.install["approximate_user_install_count"] = 2
    assert (await found(setup()))["servers"][1] == ("ok", "2 people have installed it for themselves.")


async def test_only_some_of_many_servers_are_visited(discord, setup, found):
    for number in range(10):
        discord.channel(discord.guild(f"Server {number}"), "general")
    *visited, last = (await found(setup()))["permissions"]
    assert len(visited) == 10
    assert last[0] == "skipped"
    assert last[1].startswith("1 more server was not looked at; ")


# Permissions


async def test_channels_in_which_nothing_is_missing_are_counted(discord, guild, setup, said):
    discord.channel(guild, "board", private=True)
    discord.channel(guild, "talk", type=CATEGORY)
    told = "On Acme, the bot may do all that it needs in 2 channels; 1 other is closed to it."
    assert await said("permissions", setup()) == ("ok", told)


async def test_what_is_missing_in_some_channels_is_a_note_with_their_names(discord, guild, setup, said):
    for number in range(4):
        discord.deny(discord.channel(guild, f"rules-{number}"), "send_messages create_public_threads")
    discord.deny(channel(guild, "general"), "read_message_history")
    verdict, words = await said("permissions", setup())
    assert verdict == "note"
    assert words == (
        f"On Acme, the bot lacks {told('read_message_history')} in #general, and {told('send_messages')} and "
        f"{told('create_public_threads')} in #rules-0, #rules-1, #rules-2 and 1 more; {MENDED}"
    )


async def test_what_is_needed_and_missing_everywhere_is_a_problem(discord, guild, setup, said):
    guild.roles[0].permissions &= ~(1 << 16)
    verdict, words = await said("permissions", setup())
    assert verdict == "problem"
    assert words == f"On Acme, the bot lacks {told('read_message_history')} in every channel; {MENDED}"


async def test_what_is_missing_everywhere_and_not_needed_is_a_note(discord, guild, setup, said):
    guild.roles[0].permissions &= ~(1 << 15)
    verdict, words = await said("permissions", setup())
    assert verdict == "note"
    assert f"{told('attach_files')} in every channel" in words


async def test_a_role_of_the_bot_is_enough(discord, guild, setup, said):
    guild.roles[0].permissions = 0
    discord.role(guild, "Helper", "administrator", [discord.bot])
    assert (await said("permissions", setup()))[0] == "ok"


async def test_a_server_that_shows_the_bot_nothing_is_a_problem(guild, setup, said):
    guild.roles[0].permissions = 0
    verdict, words = await said("permissions", setup())
    assert verdict == "problem"
    assert words.startswith("On Acme, the bot sees no channel; ")


async def test_a_server_without_channels(discord, guild, setup, said):
    guild.channels.clear()
    assert await said("permissions", setup()) == ("skipped", "Acme has no channel that people write in.")


async def test_in_a_forum_only_threads_matter(discord, guild, setup, said):
    forum = discord.channel(guild, "help", type=FORUM)
    discord.deny(forum, "send_messages create_public_threads")
    assert (await said("permissions", setup()))[0] == "ok"
    discord.deny(forum, "send_messages_in_threads")
    assert "in #help" in (await said("permissions", setup()))[1]


# One channel


async def test_one_channel_is_looked_at_alone(discord, guild, setup, said):
    quiet, loud = channel(guild, "general"), channel(guild, "incident")
    discord.deny(quiet, "send_messages attach_files embed_links")
    verdict, words = await said("permissions", setup(), channel=quiet.id)
    assert verdict == "problem"
    assert words == f"In #general, the bot lacks {told('send_messages')}; {MENDED}"
    assert await said("permissions", setup(), channel=loud.id) == ("ok", "In #incident, the bot may do all that it needs.")


async def test_what_one_channel_could_do_without_is_a_note(discord, guild, setup, said):
    quiet = channel(guild, "general")
    discord.deny(quiet, "attach_files")
    assert (await said("permissions", setup(), channel=quiet.id))[0] == "note"


async def test_a_thread_has_the_permissions_of_its_channel(discord, guild, setup, said):
    parent = channel(guild, "general")
    thread = discord.thread(parent, "postmortem")
    discord.deny(parent, "send_messages")
    assert (await said("permissions", setup(), channel=thread.id))[0] == "ok"
    discord.deny(parent, "send_messages_in_threads")
    verdict, words = await said("permissions", setup(), channel=thread.id)
    assert verdict == "problem"
    assert words.startswith(f"In #postmortem, the bot lacks {told('send_messages_in_threads')}")


async def test_direct_messages_need_nothing(discord, setup, said):
    direct = discord.dm(discord.user("Ana"))
    assert await said("permissions", setup(), channel=direct.id) == ("ok", "Direct messages need no permissions.")


async def test_a_channel_that_is_not_there(setup, said):
    verdict, words = await said("permissions", setup(), channel=17)
    assert verdict == "problem"
    assert words.startswith("Discord knows no channel with the id 17; ")


async def test_a_channel_that_the_bot_does_not_see(discord, guild, setup, said):
    hidden = discord.channel(guild, "board", private=True)
    verdict, words = await said("permissions", setup(), channel=hidden.id)
    assert verdict == "problem"
    assert words.startswith(f"The bot does not see the channel {hidden.id}; ")


async def test_a_channel_in_which_nobody_writes(discord, guild, setup, said):
    talk = discord.channel(guild, "talk", type=CATEGORY)
    assert await said("permissions", setup(), channel=talk.id) == ("skipped", "#talk is no channel that people write in.")
