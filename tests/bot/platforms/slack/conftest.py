"""The parts of the Slack adapter, against the fake Slack over real HTTP."""

from __future__ import annotations

import pytest

from bot.platforms.slack import api
from bot.platforms.slack.history import History
from bot.platforms.slack.people import People


@pytest.fixture
def client(slack):
    return api.client(slack.bot_token, url=slack.api_url)


@pytest.fixture
def people(slack, client):
    return People(client, team=slack.team_id)


@pytest.fixture
def history(slack, client, people):
    return History(client, people, home=f"https://{slack.team}.slack.com/", me=slack.bot_user)
