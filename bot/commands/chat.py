"""`parley chat`: Parley at a prompt, over a thread from a file."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from io import BufferedIOBase
from typing import TYPE_CHECKING, Protocol

from rich.console import Console

from bot.commands.loading import Warmable
from bot.commands.pipes import lines
from bot.platforms.console import Stage
from bot.settings import Settings
from bot.wiring import running
from handlers.conversation import Reply, Request, Thread, Turn
from models.types import EngineError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

SHOWN = 40  # messages of a longer thread that stand above the first prompt
COMMANDS = {
    "/summarize": "what the thread comes to",
    "/ask": "a question to the thread",
    "/sentiment": "how a message, or the thread, sounds",
    "/translate": "a text or a message into another language",
    "/help": "what Parley can do",
    "/thread": "show the thread",
    "/quit": "leave",
}
HINT = "Ask in your own words, or type /help."
HELP = """Here at the prompt:
  >12 in Portuguese, please     answers about message 12
  /thread                       shows the thread with its numbers
  /quit, or Ctrl-D              leaves
What is said here does not become part of the thread."""

_REPLY = re.compile(r">\s*#?(?P<number>\d{1,9})\s*(?P<text>.*)", re.DOTALL)


class Assistant(Protocol):
    """Who answers."""

    async def answer(self, request: Request) -> Reply:
        """Answer, whatever the request."""


class Chat:
    """One conversation with Parley beside a thread.

    Args:
        assistant: who answers.
        thread: what it is about; may be empty.
        languages: the reader's, most likely first.
        echo: whether to print what was asked, which a prompt shows already.
    """

    def __init__(
        self, assistant: Assistant, thread: Thread, languages: tuple[str, ...], out: Console, *, echo: bool
    ) -> None:
        self._assistant, self._thread, self._languages, self._out, self._echo = assistant, thread, languages, out, echo
        self._stage = Stage(thread)

    async def hear(self, said: str) -> bool:
        """Do what one line asks for; tells whether the conversation goes on."""
        match said.strip():
            case "":
                self._tell(HINT)
            case "/quit" | "/exit":
                return False
            case "/thread":
                self.show()
            case text if reply := _REPLY.fullmatch(text):
                await self._about(int(reply["number"]), reply["text"])
            case text:
                await self._ask(text, None)
                if text == "/help":
                    self._tell(HELP)
        return True

    def show(self, *, last: int | None = None) -> None:
        """Print the thread, or its `last` messages."""
        if not self._thread.turns:
            self._tell("There is no thread here; start with --thread FILE to talk about one.")
            return
        self._out.print(self._stage.turns(last=last), "", sep="\n")

    async def _about(self, number: int, text: str) -> None:
        if not 1 <= number <= len(self._thread):
            self._tell(f"There is no message {number}; the thread has {len(self._thread)}.")
        elif not text:
            self._tell(f"Say what to do with message {number}, for example: >{number} in Portuguese, please")
        else:
            await self._ask(text, self._thread.turns[number - 1])

    async def _ask(self, text: str, quoted: Turn | None) -> None:
        if self._echo:
            self._out.print(self._stage.asked("you", text, quoted))
        elif quoted is not None:
            self._out.print(self._stage.quoted(quoted))
        begun = time.perf_counter()
        with self._out.status("Parley is reading …") if self._out.is_terminal else nullcontext():
            reply = await self._assistant.answer(Request(text, self._thread, quoted, self._languages))
        self._out.print(self._stage.answer(reply, time.perf_counter() - begun), "", sep="\n")

    def _tell(self, words: str) -> None:
        self._out.print(words, style="dim", markup=False)


async def run(settings: Settings, thread: Thread, source: BufferedIOBase, out: Console) -> int:
    """Talk until the input ends; returns the exit code. Raises `EngineError` if Parley cannot start."""
    prompting = source.isatty() and out.is_terminal
    if prompting:
        _welcome(thread, out)
    async with running(settings) as parley, asyncio.TaskGroup() as group:
        chat = Chat(parley.assistant, thread, (settings.language,), out, echo=not prompting)
        warming = group.create_task(_warm(parley.engine)) if prompting else None
        async for said in _prompted(_session()) if prompting else _piped(source):
            if not await chat.hear(said):
                break
        if warming:
            warming.cancel()
    return 0


def _welcome(thread: Thread, out: Console) -> None:
    if thread.turns:
        stage = Stage(thread)
        out.print(stage.title("The thread"), "", stage.turns(last=SHOWN), "", sep="\n")


async def _warm(engine: Warmable) -> None:
    """Load the models while the first question is typed. One that fails says so when it is asked for."""
    with suppress(EngineError):
        await engine.warm(lambda _name, _done, _total: None)


async def _piped(source: BufferedIOBase) -> AsyncIterator[str]:
    """The lines of a pipe or file."""
    async for line in lines(source):
        yield "" if line is None else line.decode(errors="replace")


async def _prompted(session: PromptSession[str]) -> AsyncIterator[str]:
    """What is typed, until Ctrl-D. Raises KeyboardInterrupt at Ctrl-C."""
    with suppress(EOFError):
        while True:
            yield await session.prompt_async()


def _session() -> PromptSession[str]:
    """A prompt with editing, history of this run and completion of commands; nothing is kept on disk."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import FormattedText

    return PromptSession(
        FormattedText([("ansimagenta bold", "› ")]),
        completer=WordCompleter(list(COMMANDS), meta_dict=COMMANDS, sentence=True),
        placeholder=FormattedText([("ansibrightblack", HINT)]),
    )
