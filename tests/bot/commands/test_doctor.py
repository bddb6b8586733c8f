import io

import pytest
from rich.console import Console

from bot.commands import doctor
from bot.platforms.slack.doctor import CHECKS, examine
from bot.platforms.slack.scopes import SCOPES
from bot.settings import Settings
from tests.slack_fake import FakeSlack


@pytest.fixture
async def slack():
    async with FakeSlack("[bold]acme") as slack:
        slack.scopes = set(SCOPES)
        slack.channel("general")
        yield slack


@pytest.fixture
def settings(slack):
    tokens = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token}
    return Settings(**tokens, slack_api_url=slack.api_url, database="sqlite+aiosqlite:///:memory:")


def screen(**options):
    return Console(file=io.StringIO(), width=60, highlight=False, **options)


async def test_each_check_is_a_line_with_its_mark(settings):
    out = screen()
    assert await doctor.run(CHECKS, examine(settings), out) == 0
    *lines, last = out.file.getvalue().splitlines()
    assert [line[9:22].rstrip() for line in lines] == list(CHECKS)
    assert [line.split()[0] for line in lines] == ["ok"] * 11 + ["skipped"]
    assert lines[3] == "ok       bot token    Slack knows the bot as parley in the workspace [bold]acme."
    assert last == "Nothing is broken; 11 ok, 1 skipped."


async def test_a_problem_makes_the_exit_code(slack, settings):
    slack.scopes -= {"im:history", "groups:history"}
    slack.socket_mode = False
    out = screen()
    assert await doctor.run(CHECKS, examine(settings), out) == 1
    assert out.file.getvalue().splitlines()[-1] == "2 problems to mend; 8 ok, 1 note, 2 skipped."


async def test_a_note_does_not(slack, settings):
    slack.scopes -= {"groups:history"}
    assert await doctor.run(CHECKS, examine(settings), screen()) == 0


async def test_over_http_other_credentials_are_checked(settings):
    out = screen()
    assert await doctor.run(CHECKS, examine(settings, http=True), out) == 1
    assert "PARLEY_SLACK_SIGNING_SECRET" in out.file.getvalue()


async def test_a_terminal_folds_sentences_under_themselves(settings):
    out = screen(force_terminal=True, no_color=True, color_system=None)
    await doctor.run(CHECKS, examine(settings), out)
    lines = out.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    folded = lines.index(next(line for line in lines if "commands" in line)) + 1
    assert lines[folded].startswith(" " * 22)
    assert lines[folded].strip()
