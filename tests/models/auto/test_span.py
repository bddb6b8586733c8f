import itertools
import math

import numpy as np
import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from handlers.answering import Answering
from handlers.conversation import Thread, Turn
from models.auto import span
from models.catalog import SpanTask
from models.tasks.extract import Passage
from models.types import ModelUnavailable, TextRefused

from ..families import catalogue, checkpoint, entry, serving
from ..families_encoders import ENCODERS, WINDOW, bert, deberta_v3, roberta

QUESTION = "Who fixed it?"
SHORT = "Ana did."
LONG = "The release broke the search page this morning. Ana fixed it in ten minutes. We love her work; thanks a lot! " * 2
CPU = {"device": torch.device("cpu"), "dtype": torch.float32}


def opened(folder, made, **fields):
    checkpoint(folder, AutoModelForQuestionAnswering, *made)
    return span.load(folder, SpanTask(**entry(folder, "span", **{"stride": 4, "longest": 5, **fields})), **CPU)


def ask(task, *items):
    pieces = [task.prepare(item) for item in items]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [task.finish(item, some, [next(raw) for _ in some]) for item, some in zip(items, pieces, strict=True)]


@pytest.fixture(params=ENCODERS, scope="module")
def folder(request, tmp_path_factory):
    return tmp_path_factory.mktemp("families") / request.param


@pytest.fixture(scope="module")
def task(folder):
    return opened(folder, ENCODERS[folder.name]())


def test_an_answer_is_the_same_whoever_shares_its_batch(task):
    items = [(QUESTION, SHORT), (QUESTION, LONG), ("Great?", LONG)]
    for item, found in zip(items, ask(task, *items), strict=True):
        [alone] = ask(task, item)
        assert (found.span, found.best) == (alone.span, alone.best)
        assert found.margin == pytest.approx(alone.margin, abs=1e-4)
        start, end = found.best
        assert 0 <= start < end <= len(item[1])
        assert item[1][start:end] == item[1][start:end].strip()


def test_windows_overlap_and_cover_the_whole_context(task, folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    whole = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    passages = task.prepare((QUESTION, LONG))
    contexts = [passage.ids[passage.context_at : -1] for passage in passages]
    assert [*contexts[0], *(token for context in contexts[1:] for token in context[4:])] == whole
    assert all(one[-4:] == two[:4] for one, two in itertools.pairwise(contexts))
    assert max(passage.size for passage in passages) == WINDOW
    question = tokenizer(QUESTION, add_special_tokens=False)["input_ids"]
    assert all(passage.ids[1 : 1 + len(question)] == question for passage in passages)
    assert all(len(passage.offsets) == len(context) for passage, context in zip(passages, contexts, strict=True))


def test_logits_are_those_of_transformers(task, folder):
    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    given = AutoTokenizer.from_pretrained(folder)(QUESTION, SHORT, return_tensors="pt")
    if "distilbert" in folder.name:
        given.pop("token_type_ids")
    with torch.inference_mode():
        expected = model(**given)
    [scores] = task.run(task.prepare((QUESTION, SHORT)))
    assert scores[:, 0] == pytest.approx(expected.start_logits[0].numpy(), abs=1e-5)
    assert scores[:, 1] == pytest.approx(expected.end_logits[0].numpy(), abs=1e-5)


def pointing(passage, first, last, *, null=0.0):
    """The logits of a model that points at these tokens of a passage's context."""
    scores = np.zeros((passage.size, 2), dtype=np.float32)
    scores[0] = null
    scores[passage.context_at + first, 0] = scores[passage.context_at + last, 1] = 4.0
    return scores


@pytest.mark.parametrize("name", ENCODERS)
def test_the_span_is_what_the_model_points_at(tmp_path, name):
    task = opened(tmp_path / name, ENCODERS[name]())
    context = "Then Ana fixed it."
    [passage] = task.prepare((QUESTION, context))
    inside = [i for i, (start, end) in enumerate(passage.offsets) if start < 8 and end > 5]
    found = task.finish((QUESTION, context), [passage], [pointing(passage, inside[0], inside[-1])])
    assert context[slice(*found.best)] == "Ana"
    assert (found.span, found.margin) == ((5, 8), pytest.approx(8.0))
    assert found.score == pytest.approx(1 / (1 + math.exp(-8.0)))


@pytest.mark.parametrize(("null", "threshold", "answered"), [(0.0, 0.0, True), (5.0, 0.0, False), (0.0, 9.0, False)])
def test_the_margin_over_no_answer_decides(tmp_path, null, threshold, answered):
    task = opened(tmp_path / "tiny", bert(), threshold=threshold)
    [passage] = task.prepare((QUESTION, SHORT))
    found = task.finish((QUESTION, SHORT), [passage], [pointing(passage, 0, 0, null=null)])
    assert (found.span is not None) == answered
    assert found.best == passage.offsets[0]
    assert found.margin == pytest.approx(8.0 - 2 * null)
    assert found.score > 0.5


def test_of_many_windows_the_clearest_decides_and_must_be_clearer(tmp_path):
    task = opened(tmp_path / "tiny", bert())
    passages = task.prepare((QUESTION, LONG))
    raw = [pointing(passage, 1, 1, null=1.0) for passage in passages]
    raw[2] = pointing(passages[2], 2, 3)
    found = task.finish((QUESTION, LONG), passages, raw)
    assert found.best == (passages[2].offsets[2][0], passages[2].offsets[3][1])
    assert found.margin == pytest.approx(8.0 - math.log(len(passages)))


@pytest.mark.parametrize(("at", "expected"), [((3, 4), (4, 6)), ((3, 6), (4, 6)), ((2, 6), (2, 6))])
def test_a_space_belongs_to_no_answer(tmp_path, at, expected):
    task = opened(tmp_path / "tiny", deberta_v3())
    passage = Passage([1, 9, 2, 9, 2], 3, [at])
    found = task.finish(("Who?", "Ana it."), [passage], [pointing(passage, 0, 0)])
    assert found.span == ((4, 5) if at == (3, 4) else expected)


def test_a_question_that_fills_the_window_is_refused_rather_than_cut(tmp_path):
    task = opened(tmp_path / "tiny", roberta())
    with pytest.raises(TextRefused) as refused:
        task.prepare((QUESTION * 10, SHORT))
    assert refused.value.reason == "long"
    task.prepare(((QUESTION * 10)[: refused.value.limit], SHORT))
    with pytest.raises(TextRefused):
        task.prepare(((QUESTION * 10)[: refused.value.limit + 8], SHORT))


@pytest.mark.parametrize(
    ("question", "context", "reason"),
    [("", "ana", "empty"), ("who ?", " \x00", "empty"), ("who ?", "\u200b", "empty"), ("who ?", "it " * 200, "long")],
)
def test_what_cannot_be_read_is_refused(tmp_path, question, context, reason):
    task = opened(tmp_path / "tiny", bert(), characters=400)
    with pytest.raises(TextRefused) as refused:
        task.prepare((question, context))
    assert refused.value.reason == reason


def test_half_a_surrogate_pair_moves_nothing(tmp_path):
    task = opened(tmp_path / "tiny", bert())
    [broken], [whole] = (task.prepare((QUESTION, f"Then {sign} Ana did.")) for sign in ("\ud83d", "\u4f60"))
    assert broken.offsets[-3:] == whole.offsets[-3:]


def test_a_stride_as_long_as_the_windows_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="tiny reads windows of 32 tokens; a stride of 20 is too long"):
        opened(tmp_path / "tiny", bert(), stride=20)


async def test_the_answering_handler_quotes_with_a_checkpoint_of_the_users_own(tmp_path):
    folder = checkpoint(tmp_path / "mine", AutoModelForQuestionAnswering, *roberta())
    fields = entry(folder, "span", stride=4, longest=5, threshold=-100.0)
    thread = Thread((Turn("Ana", LONG), Turn("Ben", "Who fixed the release?"), Turn("Ana", "I did.")))
    async with serving(catalogue(tmp_path, {"extract": fields})) as engine:
        handler = Answering(engine)
        found = await handler.answer(QUESTION, context=LONG, hints=["en"])
        in_thread = await handler.answer(QUESTION, thread=thread, hints=["en"])
    assert found.model == in_thread.model == "mine@0123456789"
    [evidence] = found.evidence
    assert found.answer == LONG[evidence.start : evidence.end]
