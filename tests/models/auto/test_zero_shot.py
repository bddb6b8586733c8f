import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from models.auto import zero_shot
from models.catalog import ZeroShotTask
from models.types import ModelUnavailable, TextRefused

from ..families import asked, catalogue, checkpoint, entry, serving
from ..families_encoders import ENCODERS, WINDOW, bert, labelled

NLI = {0: "contradiction", 1: "neutral", 2: "entailment"}
SAID = {"positive": "This is great news.", "neutral": "It is a note.", "negative": "We are really disappointed and ill."}
SHORT = "We love it"
LONG = "The release broke the search page this morning, and nobody noticed until noon. " * 3
CPU = {"device": torch.device("cpu"), "dtype": torch.float32}


def opened(folder, made, **fields):
    checkpoint(folder, AutoModelForSequenceClassification, *made)
    return zero_shot.load(folder, ZeroShotTask(**entry(folder, "zero-shot", hypotheses=SAID, **fields)), **CPU)


@pytest.fixture(params=ENCODERS, scope="module")
def folder(request, tmp_path_factory):
    return tmp_path_factory.mktemp("families") / request.param


@pytest.fixture(scope="module")
def task(folder):
    return opened(folder, ENCODERS[folder.name](**labelled(NLI)))


def test_a_text_gets_the_same_scores_whoever_shares_its_batch(task):
    for text, found in zip([SHORT, LONG], asked(task, SHORT, LONG), strict=True):
        assert found.scores == pytest.approx(asked(task, text)[0].scores, abs=1e-5)
        assert sum(found.scores.values()) == pytest.approx(1, abs=1e-5)
        assert [*found.scores] == [*SAID]


def test_every_label_is_judged_beside_the_same_windows_of_the_whole_text(task, folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    whole = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    pieces = task.prepare(LONG)
    assert max(piece.size for piece in pieces) <= WINDOW
    count = len(pieces) // len(SAID)
    cuts = []
    for at, said in enumerate(SAID.values()):
        tail = tokenizer(said, add_special_tokens=False)["input_ids"]
        frame = tokenizer.num_special_tokens_to_add(pair=True)
        rows = [piece.ids for piece in pieces[at * count : (at + 1) * count]]
        assert all(row[-1 - len(tail) : -1] == tail for row in rows)
        cuts.append([row[1 : len(row) - len(tail) - frame + 1] for row in rows])
    assert cuts[0] == cuts[1] == cuts[2]
    assert [token for part in cuts[0] for token in part] == whole


def test_a_pair_is_judged_as_transformers_does_it(task, folder):
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    logits = []
    for said in SAID.values():
        given = tokenizer(SHORT, said, return_tensors="pt")
        if "distilbert" in folder.name:
            given.pop("token_type_ids")
        with torch.inference_mode():
            logits.append(model(**given).logits[0, 2])
    assert list(asked(task, SHORT)[0].scores.values()) == pytest.approx(torch.stack(logits).softmax(0).tolist(), abs=1e-5)


@pytest.mark.parametrize(
    "names", [["ENTAILMENT", "NEUTRAL", "CONTRADICTION"], ["entailment", "not_entailment"], ["Entailed", "no"]]
)
def test_entailment_is_found_by_its_name(tmp_path, names):
    made = bert(**labelled(dict(enumerate(names))))
    task = opened(tmp_path / "tiny", made)
    assert zero_shot.entailment(made.config, ZeroShotTask(**entry(tmp_path, "zero-shot", hypotheses=SAID))) == 0
    assert asked(task, SHORT)[0].label in SAID


def test_labels_that_do_not_name_entailment_are_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="does not say which of 'LABEL_0', 'LABEL_1' is entailment"):
        opened(tmp_path / "tiny", bert(**labelled({0: "LABEL_0", 1: "LABEL_1"})))


def test_hypotheses_that_fill_the_window_are_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="leave no room for a text"):
        opened(tmp_path / "tiny", bert(**labelled(NLI)), tokens=10)


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), (" \n\x00", "empty"), ("it " * 100, "long")])
def test_what_cannot_be_read_is_refused(tmp_path, text, reason):
    task = opened(tmp_path / "tiny", bert(**labelled(NLI)), characters=200)
    with pytest.raises(TextRefused) as refused:
        task.prepare(text)
    assert refused.value.reason == reason


async def test_the_engine_serves_sentiment_by_hypotheses(tmp_path):
    folder = checkpoint(tmp_path / "nli", AutoModelForSequenceClassification, *bert(**labelled(NLI)))
    async with serving(catalogue(tmp_path, {"sentiment": entry(folder, "zero-shot", hypotheses=SAID)})) as engine:
        found = await engine.sentiment(LONG)
    assert found.model == "nli@0123456789"
    assert found.scores.keys() == {"negative", "neutral", "positive"}
