import io
import re
from contextlib import asynccontextmanager
from types import SimpleNamespace

from rich.console import Console

from bot.commands import demo
from bot.settings import Settings
from handlers.conversation import Provenance, Reply, Text


class Assistant:
    """Answers everything alike; keeps what it was asked."""

    def __init__(self):
        self.requests = []

    async def answer(self, request):
        self.requests.append(request)
        return Reply((Text("An answer."),), Provenance(("model@1",)))

    async def warm(self, report):
        report("model", 1, 1)


def test_the_conversation_has_what_a_real_one_has():
    thread = demo.conversation()
    text = "\n".join(turn.text for turn in thread.turns)
    assert len(thread) == 25
    assert len({turn.speaker for turn in thread.turns}) == 5
    assert [turn.at for turn in thread.turns] == sorted(turn.at for turn in thread.turns)
    for sign in (r"https://", r"`[^`]+`", r"[\U0001f300-\U0001faff]", r"\d+%", r"Decision: ", r"\bvoltar para\b", r"\?$"):
        assert re.search(sign, text), sign


def test_replies_are_to_messages_that_are_there():
    thread = demo.conversation()
    quoted = [scene.request(thread).quoted for scene in demo.SCENES]
    assert quoted[3] == thread.turns[6]
    assert sum(turn is not None for turn in quoted) == 4


async def test_it_prints_the_thread_each_question_and_each_answer(monkeypatch):
    assistant = Assistant()

    @asynccontextmanager
    async def running(settings):
        yield SimpleNamespace(assistant=assistant, engine=assistant)

    monkeypatch.setattr(demo, "running", running)
    out, err = (Console(file=io.StringIO(), width=80, highlight=False) for _ in range(2))
    assert await demo.run(Settings(), out, err) == 0
    printed = out.file.getvalue()
    assert "#checkout  25 messages · 5 people" in printed
    assert [request.text for request in assistant.requests] == [scene.text for scene in demo.SCENES]
    assert len(re.findall(r"▌ An answer\.\n▌ \d+ ms · model@1\n", printed)) == len(demo.SCENES)
    assert "Loaded" not in printed
    assert "Loaded 1 model" in err.file.getvalue()
