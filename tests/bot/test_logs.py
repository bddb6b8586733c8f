import logging

import pytest

from bot import logs


def report():
    log = logging.getLogger("bot.somewhere")
    log.warning("slow")
    try:
        raise ValueError("secret")
    except ValueError:
        log.exception("failed with ValueError")


def test_errors_are_one_line_without_what_raised_them(capsys):
    logs.begin(debug=False)
    report()
    assert capsys.readouterr().err == "parley: failed with ValueError (bot.somewhere)\n"


def test_debugging_shows_everything(capsys):
    logs.begin(debug=True)
    report()
    written = capsys.readouterr().err
    assert "slow" in written
    assert "Traceback" in written


@pytest.mark.parametrize("debug", [True, False])
def test_libraries_that_log_whole_requests_are_kept_quiet(capsys, debug):
    logs.begin(debug=debug)
    logging.getLogger("slack_bolt.AsyncApp").warning("Unhandled request ({'text': 'secret'})")
    logging.getLogger("slack_sdk.web").debug("secret")
    logging.getLogger("discord.gateway").debug("For Shard ID 0: WebSocket Event: {'content': 'secret'}")
    logging.getLogger("discord.http").warning("secret")
    assert "secret" not in capsys.readouterr().err
