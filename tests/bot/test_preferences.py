"""What people set for themselves comes back as it was set."""

import pytest

from bot import preferences
from bot.preferences import Preferences
from bot.state import State


@pytest.mark.parametrize(
    "chosen", [Preferences(), Preferences("pt"), Preferences(None, True, True), Preferences("en", False, True)]
)
async def test_settings_are_kept(tmp_path, chosen):
    async with State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state:
        first = Preferences("pt", True, True)
        await preferences.write(state, "slack:T1:U1", first, before=Preferences())
        await preferences.write(state, "slack:T1:U1", chosen, before=first)
        assert await preferences.read(state, "slack:T1:U1") == chosen
        assert await preferences.read(state, "slack:T1:U2") == Preferences()


async def test_two_clicks_at_once_both_count(tmp_path):
    async with State(f"sqlite+aiosqlite:///{tmp_path}/parley.db") as state:
        await preferences.write(state, "slack:T1:U1", Preferences(private=True), before=Preferences())
        await preferences.write(state, "slack:T1:U1", Preferences("pt"), before=Preferences())
        assert await preferences.read(state, "slack:T1:U1") == Preferences("pt", private=True)
