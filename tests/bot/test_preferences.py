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
        await preferences.write(state, "slack:T1:U1", Preferences("pt", True, True))
        await preferences.write(state, "slack:T1:U1", chosen)
        assert await preferences.read(state, "slack:T1:U1") == chosen
        assert await preferences.read(state, "slack:T1:U2") == Preferences()
