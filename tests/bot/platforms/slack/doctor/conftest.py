"""A set-up in which nothing is wrong, for tests to break."""

import pytest

from bot.platforms.slack.doctor import examine
from bot.platforms.slack.scopes import SCOPES
from bot.settings import Settings
from tests.slack_fake import FakeSlack


@pytest.fixture
async def slack():
    async with FakeSlack() as slack:
        slack.scopes = set(SCOPES)
        ana = slack.user("ana")
        slack.say(slack.channel("general", ana), ana, "Good morning")
        slack.channel("board", ana, kind="private")
        yield slack


@pytest.fixture
def setup(slack):
    """Settings that are right, but for what a test says."""

    def made(**wrong):
        right = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
        return Settings(**(right | {"database": "sqlite+aiosqlite:///:memory:"} | wrong))

    return made


@pytest.fixture
def found(gathered):
    """What the checks say of a set-up: by check, pairs of a verdict and words."""
    return lambda settings, **options: gathered(examine(settings, **options))
