import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bot import __main__ as command
from bot.cli import running
from bot.commands.rows import TASKS
from bot.sealing import keyring
from bot.settings import Settings

ROOT = Path(__file__).parents[2]


def parley(*arguments, given="", **environment):
    """Run the command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80"} | environment,
        timeout=100,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["demo", "--help"],
        ["chat", "-h"],
        ["batch", "--help"],
        ["bench", "--help"],
        ["slack", "--help"],
        ["slack", "doctor", "-h"],
        ["slack", "key", "-h"],
        ["discord", "--help"],
        ["discord", "doctor", "-h"],
        ["discord", "invite", "-h"],
        ["discord", "sync", "-h"],
        ["models", "--help"],
        *(["models", name, "-h"] for name in ("list", "pull", "verify", "warm", "export", "import", "share")),
    ],
)
def test_help_ends_with_an_example_and_loads_nothing_heavy(arguments):
    program = "import sys; from bot.__main__ import app; app(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", cwd=ROOT, check=True
    )
    *_, example, loaded = filter(str.strip, ran.stdout.splitlines())
    assert "parley" in example
    assert not {"torch", "transformers", "numpy", "handlers", "models", "slack_sdk", "discord"} & set(loaded.split())


def test_version():
    ran = parley("--version")
    assert ran.returncode == 0
    assert ran.stdout.startswith("parley ")


def test_the_tasks_of_batch_are_those_it_can_do():
    assert set(command.Task.__args__) == set(TASKS)


def complaint(ran):
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("\n") == 1
    return ran.stderr.strip()


def test_a_bad_setting_is_one_sentence():
    ran = parley("demo", PARLEY_DEVICE="gpu")
    assert complaint(ran) == "parley: PARLEY_DEVICE must be auto, cpu, mps, cuda or cuda:N, not 'gpu'."
    assert ran.returncode == 2


def test_a_thread_that_cannot_be_read_is_one_sentence(tmp_path):
    ran = parley("chat", "--thread", str(tmp_path / "none.json"))
    assert complaint(ran) == f"parley: {tmp_path}/none.json cannot be read: no such file or directory."
    assert ran.returncode == 2


def test_a_task_that_does_not_exist_is_refused_with_those_that_do():
    ran = parley("batch", "sing")
    assert ran.returncode == 2
    assert "'sing'" in ran.stderr
    assert "'summarize'" in ran.stderr


@pytest.mark.parametrize("address", ["3000", "localhost", "localhost:http", "http://localhost:3000"])
def test_an_address_that_is_none_is_one_sentence(address):
    ran = parley("slack", "--http", address)
    assert complaint(ran) == f"parley: --http must be a host and a port such as 127.0.0.1:3000, not {address!r}."
    assert ran.returncode == 2


def test_each_key_is_another_one_that_can_be_used():
    keys = [parley("slack", "key").stdout.strip() for _ in range(2)]
    assert keys[0] != keys[1]
    keyring(",".join(keys))


def test_the_links_that_invite_need_a_token_alone():
    ran = parley("discord", "invite", PARLEY_DISCORD_TOKEN="MTIz.fake.token")
    assert ran.returncode == 0
    assert "client_id=123&" in ran.stdout


@pytest.mark.parametrize("arguments", [["discord", "invite"], ["discord", "sync"], ["discord"]])
def test_without_a_token_there_is_one_sentence(arguments):
    ran = parley(*arguments, PARLEY_DISCORD_TOKEN="")
    assert complaint(ran).startswith("parley: Set PARLEY_DISCORD_TOKEN to ")
    assert ran.returncode == 2


def test_a_channel_is_a_number():
    ran = parley("discord", "doctor", "--channel", "general")
    assert ran.returncode == 2
    assert "--channel" in ran.stderr


def test_a_model_that_cannot_be_had_is_one_sentence(tmp_path):
    ran = parley("models", "verify", "--profile", "hub", "nothing", PARLEY_MODELS_DIR=str(tmp_path))
    assert complaint(ran).startswith("parley: The profile hub has no model nothing from a hub; it has: sentiment, ")
    assert ran.returncode == 1


def test_a_profile_that_does_not_exist_is_one_sentence():
    ran = parley("models", "list", "--profile", "nowhere")
    assert complaint(ran) == "parley: There is no profile 'nowhere'; choose one of: gpu, hub, offline."
    assert ran.returncode == 2


def test_sharing_asks_first():
    ran = parley("models", "share", "extract", "acme/mine", given="n\n", PARLEY_HUB_URL="http://127.0.0.1:1")
    assert "acme/mine at http://127.0.0.1:1, for everyone to see? [y/N]" in ran.stdout
    assert ran.stderr == ""
    assert ran.returncode == 1


@pytest.mark.parametrize(("platform", "package"), [("slack", "slack_sdk"), ("discord", "discord")])
@pytest.mark.parametrize("command", [[], ["doctor"]])
def test_packages_that_are_missing_are_named(platform, package, command):
    program = f"import sys; sys.modules[{package!r}] = None; from bot.__main__ import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program, platform, *command], capture_output=True, encoding="utf-8", cwd=ROOT, check=False
    )
    words = f"{platform.title()} needs more packages; install them with: pip install 'parley[{platform}]'"
    assert complaint(ran) == f"parley: {words}"
    assert ran.returncode == 1


def test_no_command_shows_the_help():
    ran = parley()
    assert ran.returncode == 2
    assert "demo" in ran.stdout + ran.stderr


async def gives(code):
    return code


async def fails(error):
    raise error


@pytest.mark.parametrize("code", [0, 1, 141])
def test_a_commands_code_is_the_exit_code(code):
    with pytest.raises(typer.Exit) as left:
        running.leave(Settings(), gives(code))
    assert left.value.exit_code == code


def test_an_interrupt_ends_quietly(capsys):
    with pytest.raises(typer.Exit) as left:
        running.leave(Settings(), fails(KeyboardInterrupt()))
    assert left.value.exit_code == 130
    assert capsys.readouterr() == ("", "")


def test_an_unforeseen_error_is_one_sentence_without_its_text(capsys):
    with pytest.raises(typer.Exit) as left:
        running.leave(Settings(), fails(ZeroDivisionError("secret")))
    assert left.value.exit_code == 1
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "secret" not in written


def test_debugging_shows_where_it_happened():
    with pytest.raises(ZeroDivisionError):
        running.leave(Settings(debug=True), fails(ZeroDivisionError()))
