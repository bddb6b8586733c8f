"""`parley demo`: a conversation that ships with Parley, and what Parley answers in it, from the real models."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import as_file, files

from rich.console import Console

from bot import transcript
from bot.commands import loading
from bot.platforms.console import Stage
from bot.settings import Settings
from bot.wiring import running
from bot.wording import elapsed
from handlers.conversation import Request, Thread


@dataclass(frozen=True, slots=True)
class Scene:
    """What someone writes to Parley; `replies_to` is the number of a message, counted from 1 as it is shown."""

    speaker: str
    text: str
    replies_to: int | None = None
    languages: tuple[str, ...] = ("en",)

    def request(self, thread: Thread) -> Request:
        """What reaches Parley."""
        quoted = None if self.replies_to is None else thread.turns[self.replies_to - 1]
        return Request(self.text, thread, quoted, self.languages)


SCENES = (
    Scene("Leah", "/summarize"),
    Scene("Jonas", "/ask Who is writing the postmortem?"),
    Scene("Leah", "/ask What is the name of the payment provider?"),
    Scene("Maya", "/sentiment", replies_to=7),
    Scene("Maya", "/sentiment"),
    Scene("Leah", "/translate English", replies_to=13),
    Scene("Rafael", "/translate Portuguese", replies_to=10, languages=("pt", "en")),
    Scene("Leah", "what did we decide about the rollback?"),
    Scene("Rafael", "em português, por favor", replies_to=25, languages=("pt", "en")),
)


def conversation() -> Thread:
    """The conversation that ships with Parley."""
    with as_file(files("bot") / "demo" / "thread.json") as path:
        return transcript.read(path)


async def run(settings: Settings, out: Console, err: Console) -> int:
    """Print the conversation and Parley's answers; returns the exit code. Raises `EngineError` if a model cannot load."""
    thread = conversation()
    stage = Stage(thread)
    out.print(stage.title("#checkout"), "", stage.turns(), "", sep="\n")
    async with running(settings) as parley:
        await loading.load(parley.engine, err)
        out.print()
        begun = time.perf_counter()
        for scene in SCENES:
            request = scene.request(thread)
            out.print(stage.asked(scene.speaker, f"@Parley {scene.text}", request.quoted))
            asked = time.perf_counter()
            reply = await parley.assistant.answer(request)
            out.print(stage.answer(reply, time.perf_counter() - asked), "", sep="\n")
    spent = elapsed(time.perf_counter() - begun)
    out.print(f"{len(SCENES)} answers in {spent}, made on this machine. Next: parley chat --thread FILE", style="dim")
    return 0
