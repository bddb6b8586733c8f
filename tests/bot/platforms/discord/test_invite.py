from discord import Permissions
from yarl import URL

from bot.platforms.discord import invite
from bot.platforms.discord.permissions import PERMISSIONS


def test_a_server_is_asked_for_the_least():
    url = URL(invite.link("123"))
    assert str(url.with_query(None)) == "https://discord.com/oauth2/authorize"
    assert (url.query["client_id"], url.query["integration_type"]) == ("123", "0")
    assert set(url.query["scope"].split()) == {"bot", "applications.commands"}
    asked = Permissions(int(url.query["permissions"]))
    assert asked == Permissions(**dict.fromkeys(PERMISSIONS, True))


def test_a_person_is_asked_for_commands_alone():
    query = URL(invite.personal("123")).query
    assert dict(query) == {"client_id": "123", "scope": "applications.commands", "integration_type": "1"}
