import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from handlers.conversation import Request, Score, Thread, Turn
from handlers.sentiment import Sentiment
from models import auto
from models.auto import sequence
from models.catalog import SequenceTask
from models.types import ModelUnavailable, TextRefused

from ..families import asked, catalogue, checkpoint, entry, serving
from ..families_encoders import ENCODERS, WINDOW, bert, distilbert, gpt2, labelled, roberta

THREE = {0: "negative", 1: "neutral", 2: "positive"}
SHORT = "We love it"
LONG = "The release broke the search page this morning, and nobody noticed until noon. " * 3
CPU = {"device": torch.device("cpu"), "dtype": torch.float32}


def opened(folder, made, **fields):
    checkpoint(folder, AutoModelForSequenceClassification, *made)
    return sequence.load(folder, SequenceTask(**entry(folder, "sequence", **fields)), **CPU)


@pytest.fixture(params=ENCODERS, scope="module")
def folder(request, tmp_path_factory):
    return tmp_path_factory.mktemp("families") / request.param


@pytest.fixture(scope="module")
def task(folder):
    return opened(folder, ENCODERS[folder.name](**labelled(THREE)))


def test_a_text_gets_the_same_scores_whoever_shares_its_batch(task):
    together = asked(task, SHORT, LONG, "Thanks!")
    for text, found in zip([SHORT, LONG, "Thanks!"], together, strict=True):
        assert found.scores == pytest.approx(asked(task, text)[0].scores, abs=1e-5)
        assert sum(found.scores.values()) == pytest.approx(1, abs=1e-5)
        assert found.scores[found.label] == max(found.scores.values())
    assert together[0].scores != pytest.approx(together[2].scores, abs=1e-3)


def test_windows_hold_every_token_of_a_text_and_no_more_than_the_model_reads(task, folder):
    windows = task.prepare(LONG)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    whole = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    assert [token for window in windows for token in window.ids[1:-1]] == whole
    assert max(window.size for window in windows) == WINDOW
    assert all((window.ids[0], window.ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id) for window in windows)


def test_a_single_window_is_classified_as_transformers_does_it(task, folder):
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    given = AutoTokenizer.from_pretrained(folder)(SHORT, return_tensors="pt")
    if "distilbert" in folder.name:
        given.pop("token_type_ids")
    with torch.inference_mode():
        expected = model(**given).logits.softmax(-1)[0].tolist()
    assert list(asked(task, SHORT)[0].scores.values()) == pytest.approx(expected, abs=1e-5)


def test_the_end_of_a_long_text_counts(task):
    one, other = asked(task, LONG + "great, we love it", LONG + "ugly, it crashes")
    assert one.scores != pytest.approx(other.scores, abs=1e-4)


def test_windows_count_by_their_length(tmp_path):
    task = opened(tmp_path / "tiny", bert(**labelled(THREE)))
    pieces = task.prepare(LONG)
    raw = [[1.0, 0.0, 0.0], *[[0.0, 0.0, 1.0]] * (len(pieces) - 1)]
    found = task.finish(LONG, pieces, raw)
    assert found.scores["negative"] == pytest.approx(pieces[0].size / sum(piece.size for piece in pieces))
    assert found.model == "tiny@0123456789"


def test_the_entry_may_ask_for_shorter_windows_but_not_for_longer_ones(tmp_path):
    made = roberta(**labelled(THREE))
    task = opened(tmp_path / "tiny", made, tokens=16)
    assert max(window.size for window in task.prepare(LONG)) == 16
    with pytest.raises(ModelUnavailable, match=r"tiny reads at most 32 tokens at once; its entry says tokens = 33"):
        opened(tmp_path / "tiny", made, tokens=33)
    with pytest.raises(ModelUnavailable, match="no room for text"):
        opened(tmp_path / "tiny", made, tokens=4)


def test_a_tokenizer_may_know_a_shorter_length_than_the_configuration(tmp_path):
    made = bert(**labelled(THREE))
    made.tokenizer.model_max_length = 20
    assert max(window.size for window in opened(tmp_path / "tiny", made).prepare(LONG)) == 20


def test_a_model_without_a_padding_token_batches_all_the_same(tmp_path):
    task = opened(tmp_path / "tiny", gpt2(**labelled(THREE)))
    for text, found in zip([SHORT, LONG], asked(task, SHORT, LONG), strict=True):
        assert found.scores == pytest.approx(asked(task, text)[0].scores, abs=1e-5)


@pytest.mark.parametrize(("make", "spelled"), [(bert, "[SEP]"), (roberta, "<pad>")])
def test_what_is_spelled_like_a_special_token_is_text(tmp_path, make, spelled):
    made = make(**labelled(THREE))
    [window] = opened(tmp_path / "tiny", made).prepare(f"we {spelled} love")
    assert made.tokenizer.convert_tokens_to_ids(spelled) not in window.ids[1:-1]


def test_half_a_surrogate_pair_does_no_harm(task):
    assert asked(task, "we love it \ud83d")[0].label in THREE.values()


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \n\x00\u200b", "empty"), ("it " * 100, "long")])
def test_what_cannot_be_read_is_refused(tmp_path, text, reason):
    task = opened(tmp_path / "tiny", bert(**labelled(THREE)), characters=200)
    with pytest.raises(TextRefused) as refused:
        task.prepare(text)
    assert (refused.value.reason, refused.value.limit) == (reason, 200 if reason == "long" else 0)


def test_a_checkpoint_that_never_learned_to_classify_is_refused(tmp_path):
    made = bert(**labelled(THREE))
    folder = tmp_path / "tiny"
    model = AutoModelForSequenceClassification.from_config(made.config).base_model
    model.save_pretrained(folder)
    made.config.save_pretrained(folder)
    made.tokenizer.save_pretrained(folder)
    with pytest.raises(ModelUnavailable, match=r"tiny was not trained for this task: it has no classifier\.bias"):
        sequence.load(folder, SequenceTask(**entry(folder, "sequence")), **CPU)


def test_the_catalogue_finds_the_module_by_the_kind_of_the_entry(tmp_path):
    folder = checkpoint(tmp_path / "tiny", AutoModelForSequenceClassification, *bert(**labelled(THREE)))
    assert isinstance(auto.load(folder, SequenceTask(**entry(folder, "sequence")), **CPU), sequence.Sequences)


async def test_the_sentiment_handler_answers_with_a_checkpoint_of_the_users_own(tmp_path):
    made = distilbert(**labelled({0: "NEGATIVE", 1: "POSITIVE"}))
    folder = checkpoint(tmp_path / "mine", AutoModelForSequenceClassification, *made)
    served = catalogue(tmp_path, {"sentiment": entry(folder, "sequence")})
    turns = (Turn("Ana", "We love the new build, great work!"), Turn("Ben", LONG), Turn("Ana", "🙂"))
    async with serving(served) as engine:
        handler = Sentiment(engine)
        found = await handler.classify("We love the new build, great work!", hints=["en"])
        reply = await handler.handle(Request("", thread=Thread(turns), languages=("en",)))
    assert found.model == "mine@0123456789"
    assert set(found.scores) == {"negative", "neutral", "positive"}
    assert next(part for part in reply.parts if isinstance(part, Score)).scores.keys() == found.scores.keys()
    assert reply.provenance.models == ("mine@0123456789",)


async def test_the_intent_comes_from_a_checkpoint_whose_labels_are_ours(tmp_path):
    names = dict(enumerate(["sentiment", "translate", "ask", "summarize", "help", "unsure"]))
    folder = checkpoint(tmp_path / "mine", AutoModelForSequenceClassification, *bert(**labelled(names)))
    async with serving(catalogue(tmp_path, {"intent": entry(folder, "sequence")})) as engine:
        found = await engine.intent("how does this sound?")
    assert [*found.scores] == [*names.values()]
