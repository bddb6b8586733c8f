import gc
import io

import pytest
from rich.console import Console

from bot.commands import loading
from bot.commands.loading import load
from models.types import ModelUnavailable


class Models:
    """Loads two models, or fails at the second."""

    def __init__(self, failure=None):
        self.failure = failure

    async def warm(self, report):
        report("sentiment", 0, 2)
        report("sentiment", 1, 2)
        if self.failure:
            raise self.failure
        report("answering", 2, 2)


def screen(**options):
    return Console(file=io.StringIO(), width=80, highlight=False, **options)


async def test_plain_lines_without_a_terminal():
    console = screen()
    await load(Models(), console)
    first, last = console.file.getvalue().splitlines()
    assert first == "Loading the models …"
    assert last.startswith("Loaded 2 models in ")


async def test_a_bar_on_a_terminal():
    console = screen(force_terminal=True)
    await load(Models(), console)
    drawn = console.file.getvalue()
    assert "2/2" in drawn
    assert "Loaded 2 models in " in drawn
    assert "Loading the models …" not in drawn


@pytest.mark.parametrize("terminal", [False, True])
async def test_a_model_that_cannot_load_ends_it(terminal):
    console = screen(force_terminal=terminal)
    with pytest.raises(ModelUnavailable):
        await load(Models(ModelUnavailable("The file is missing.")), console)
    assert "Loaded" not in console.file.getvalue()


def test_what_is_loaded_is_out_of_the_collectors_way():
    kept = [[] for _ in range(10)]
    try:
        loading.settle()
        assert not any(one is kept for one in gc.get_objects())
    finally:
        gc.unfreeze()
