import io
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from rich.console import Console

from bot.commands import chat
from bot.commands.chat import Chat
from bot.settings import Settings
from handlers.conversation import Provenance, Reply, Request, Text, Thread, Turn

THREAD = Thread((Turn("Maya", "We roll back at 14:30."), Turn("Leah", "Thanks!")))


class Parrot:
    """An assistant that repeats; keeps the requests it got."""

    def __init__(self):
        self.requests = []

    async def answer(self, request):
        self.requests.append(request)
        return Reply((Text(f"You said {request.text}."),), Provenance(("parrot@1",)))


@pytest.fixture
def parrot():
    return Parrot()


@pytest.fixture
def hear(parrot):
    async def hear(*said, thread=THREAD, echo=False):
        out = io.StringIO()
        heard = Chat(parrot, thread, ("pt", "en"), Console(file=out, width=80, highlight=False), echo=echo)
        goes_on = [await heard.hear(line) for line in said]
        return out.getvalue(), goes_on[-1]

    return hear


async def test_what_is_said_is_asked_with_the_thread_and_the_reader(hear, parrot):
    printed, goes_on = await hear("  what did we decide? ")
    assert "You said what did we decide?." in printed
    assert "parrot@1" in printed
    assert goes_on
    (request,) = parrot.requests
    assert request == Request("what did we decide?", THREAD, None, ("pt", "en"))


@pytest.mark.parametrize("said", [">2 in Portuguese", "> #2 in Portuguese", ">2in Portuguese"])
async def test_a_message_is_replied_to_by_its_number(hear, parrot, said):
    printed, _ = await hear(said)
    assert parrot.requests[0].quoted == THREAD.turns[1]
    assert parrot.requests[0].text == "in Portuguese"
    assert printed.startswith("╭ Leah  Thanks!\n")


@pytest.mark.parametrize("said", [">0 in Portuguese", ">3 in Portuguese", ">999999999"])
async def test_a_number_that_no_message_has_is_said_so(hear, parrot, said):
    printed, goes_on = await hear(said)
    assert "There is no message" in printed
    assert "the thread has 2" in printed
    assert goes_on
    assert parrot.requests == []


async def test_a_number_alone_is_answered_with_an_example(hear, parrot):
    printed, _ = await hear(">2")
    assert ">2 in Portuguese" in printed
    assert parrot.requests == []


async def test_a_bare_prompt_explains_itself(hear, parrot):
    printed, goes_on = await hear("   ")
    assert "/help" in printed
    assert goes_on
    assert parrot.requests == []


async def test_help_is_parleys_own_and_that_of_the_prompt(hear, parrot):
    printed, _ = await hear("/help")
    assert parrot.requests[0].text == "/help"
    assert ">12" in printed
    assert "/quit" in printed


async def test_the_thread_is_shown_with_its_numbers(hear):
    printed, goes_on = await hear("/thread")
    assert printed == "1  Maya  We roll back at 14:30.\n2  Leah  Thanks!\n\n"
    assert goes_on


async def test_without_a_thread_it_says_how_to_give_one(hear):
    printed, _ = await hear("/thread", thread=Thread())
    assert "--thread FILE" in printed


@pytest.mark.parametrize("said", ["/quit", "/exit"])
async def test_quit_ends_it(hear, parrot, said):
    assert await hear(said) == ("", False)
    assert parrot.requests == []


async def test_in_a_pipe_the_question_is_printed_above_its_answer(hear):
    printed, _ = await hear(">1 who?", echo=True)
    assert printed.splitlines()[:3] == ["╭ Maya  We roll back at 14:30.", "you  who?", "▌ Parley"]


async def test_markup_in_a_line_is_left_alone(hear):
    assert "[bold]x[/nope]" in (await hear("[bold]x[/nope]", echo=True))[0]


async def test_a_pipe_is_heard_to_its_end(monkeypatch, parrot):
    @asynccontextmanager
    async def running(settings):
        yield SimpleNamespace(assistant=parrot)

    monkeypatch.setattr(chat, "running", running)
    out = Console(file=io.StringIO(), width=80, highlight=False)
    given = io.BytesIO("olá\n/quit\nnever heard\n".encode())
    assert await chat.run(Settings(language="pt"), THREAD, given, out) == 0
    assert [request.text for request in parrot.requests] == ["olá"]
    assert parrot.requests[0].languages == ("pt",)
    assert out.file.getvalue().startswith("you  olá\n▌ Parley\n")
