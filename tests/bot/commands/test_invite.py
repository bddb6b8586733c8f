import io

from rich.console import Console

from bot.commands import invite
from bot.platforms.discord.invite import link, personal
from bot.platforms.discord.permissions import PERMISSIONS
from bot.settings import Settings


def invited(token):
    out, err = io.StringIO(), io.StringIO()
    code = invite.run(Settings(discord_token=token), Console(file=out, width=60), Console(file=err, width=60))
    return code, out.getvalue(), err.getvalue()


def test_links_stand_on_lines_of_their_own_with_what_they_ask_for():
    code, out, err = invited("MTIz.fake.token")
    assert (code, err) == (0, "")
    lines = [line.strip() for line in out.splitlines()]
    assert {link("123"), personal("123")} < set(lines)
    for permission in PERMISSIONS.values():
        assert any(line.startswith(permission.label) and line.endswith(permission.without) for line in lines)
    assert "fake.token" not in out


def test_without_a_token_there_is_no_link():
    code, out, err = invited(None)
    assert (code, out) == (2, "")
    assert err.startswith("parley: Set PARLEY_DISCORD_TOKEN to ")
    assert err.count("\n") == 1
