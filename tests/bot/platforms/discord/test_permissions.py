from discord import Permissions

from bot.platforms.discord import permissions
from bot.platforms.discord.permissions import PERMISSIONS


def test_no_permission_lets_the_bot_change_a_server():
    acting = Permissions.general() | Permissions.membership() | Permissions.elevated()
    assert not (permissions.least() & acting).value & ~Permissions(view_channel=True).value


def test_whoever_has_the_least_misses_nothing():
    assert permissions.missing(permissions.least()) == []


def test_what_is_missing_comes_in_the_order_of_the_table():
    assert permissions.missing(Permissions.none()) == list(PERMISSIONS)
    assert permissions.missing(permissions.least() & ~Permissions(attach_files=True)) == ["attach_files"]


def test_a_permission_is_told_as_discord_calls_it():
    assert permissions.told("send_messages_in_threads") == "Send Messages in Threads (it cannot answer in threads)"
