"""Reading the question-answering sets, and what becomes of them on the way to token ids."""

import gzip
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training import answering_data as data
from models.training.answering_data import Cropper, Paragraph
from models.training.encoder import Reader

TEXT = "Ada wrote the parser in May. It broke in June! Grace mended it. Nobody knows why it broke."


@pytest.fixture(scope="module")
def cropper():
    return Cropper(Reader().tokenizer, seed=1)


def span(text, words):
    start = text.index(words)
    return start, start + len(words)


def marked(paragraph):
    """The words that each question's spans mark."""
    return [(question, [paragraph.text[slice(*s)] for s in spans]) for question, spans in paragraph.questions]


def test_every_occurrence_counts_where_the_place_is_unsure(tmp_path):
    def answer(text, start, times):
        return {"answers": [{"text": text, "answer_start": start, "n_occurrences": times}]}

    asked = [{"question": "What broke?"} | answer("It", 29, 1), {"question": "Did what?"} | answer("broke", 32, 2)]
    article = {"title": "Parser", "paragraphs": [{"context": TEXT, "qas": asked}]}
    (tmp_path / "train.json").write_text(json.dumps({"data": [article]}))
    (paragraph,) = data.squad(tmp_path)
    assert marked(paragraph) == [("What broke?", ["It"]), ("Did what?", ["broke", "broke"])]


def test_spans_follow_when_blanks_before_punctuation_go(tmp_path):
    text = "The owner ( since 1998 ) is Tracinda , a holding ."
    row = {"paragraph_text": text, "question_text": "who owns it", "title_text": "It", "answer_spans": [[28, 36]]}
    two = row | {"answer_spans": [[0, 3], [4, 9]]}
    with gzip.open(tmp_path / "part.gz", "wt") as out:
        out.write(f"{json.dumps(row)}\n{json.dumps(two)}\n")
    (paragraph,) = data.qed([tmp_path / "part.gz"])
    assert paragraph.text == "The owner (since 1998) is Tracinda, a holding."
    assert [words for _, words in marked(paragraph)] == [["Tracinda"]]


def test_answers_given_as_words_become_spans_unless_scattered(tmp_path):
    (tmp_path / "wiki-sentences.tsv").write_text("s1\tAda -LRB- born 1815 -RRB- said `` it broke '' .\ns2\tRome fell .\n")
    (tmp_path / "filtered").mkdir()
    rows = {
        "dev.tsv": [("s1", "Who was born?", "0"), ("s1", "What did she say?", "6 7 8 9"), ("s1", "Who broke?", "0 8")],
        "test.tsv": [("s2", "What fell?", "0"), ("s1", "When?", "2 3"), ("s1", "Why?", "")],
    }
    for name, part in rows.items():
        lines = ("\t".join([key, "0", "7", "0", "0", question, places, "8:0"]) for key, question, places in part)
        (tmp_path / "filtered" / name).write_text("\n".join(lines))
    one, two = data.qamr(tmp_path)
    assert one.text == 'Ada ( born 1815 ) said " it broke " .'
    assert marked(one) == [("Who was born?", ["Ada"]), ("What did she say?", ['" it broke "']), ("When?", ["born 1815"])]
    assert (two.text, marked(two)) == ("Rome fell .", [("What fell?", ["Rome"])])


def test_dialogues_become_lines_with_their_speakers(tmp_path):
    turns = [
        {"uid": 0, "speakers": ["Monica"], "utterance": "Joey left."},
        {"uid": 1, "speakers": [], "utterance": "When did Joey leave?"},
    ]
    answers = [{"answer_text": "Joey", "utterance_id": 1, "is_speaker": False}]
    scene = {"title": "s1", "paragraphs": [{"utterances:": turns, "qas": [{"question": "Who?", "answers": answers}]}]}
    (tmp_path / "dev.json").write_text(json.dumps({"data": [scene]}))
    (paragraph,) = data.friends(tmp_path / "dev.json")
    assert paragraph.text == "Monica: Joey left.\nSomeone: When did Joey leave?\n"
    assert marked(paragraph) == [("Who?", ["Joey"])]
    assert paragraph.questions[0][1][0][0] > paragraph.text.index("Someone")


@given(st.integers(0, 10_000))
def test_an_answer_survives_the_way_into_a_chat(seed):
    questions = [("Who wrote it?", [span(TEXT, "Ada")]), ("Who?", [span(TEXT, "Grace")]), ("Lost", []), ("All", [(0, 80)])]
    chat = data.as_chat(Paragraph("Parser", TEXT, questions), random.Random(seed))
    assert marked(chat)[:3] == [("Who wrote it?", ["Ada"]), ("Who?", ["Grace"]), ("Lost", [])]
    lines = chat.text.splitlines()
    assert all(line.split(": ")[0] in data.PEOPLE for line in lines)
    said = " ".join(words for line in lines if (words := line.split(": ", 1)[1]) not in data.SMALL_TALK)
    assert said == TEXT


@given(st.integers(0, 10_000))
def test_an_altered_question_differs_in_one_place(seed):
    question = "What did Ada write before 1998?"
    changed = data.alter(question, ["In 2004 people met Grace Hopper there.", TEXT], random.Random(seed))
    assert changed is not None
    assert changed != question
    assert len(set(question.split()) - set(changed.split())) <= 1


def test_a_question_without_a_hold_is_not_altered():
    assert data.alter("why?", [TEXT], random.Random(1)) is None


@pytest.mark.parametrize("size", [8, 12, 200])
def test_a_crop_holds_its_answer(cropper, size):
    ids, offsets = cropper.tokens(TEXT)
    for _ in range(20):
        made = cropper.crop("Who mended it?", ids, offsets, [span(TEXT, "Grace")], size=size)
        (first, last), *_ = made.spans
        assert cropper.tokenizer.decode(made.ids[first : last + 1]) == "grace"
        assert len(made.ids) - made.context_at - 1 <= size


def test_a_crop_that_lost_its_answer_does_not_hold_it(cropper):
    ids, offsets = cropper.tokens(TEXT)
    for _ in range(20):
        made = cropper.crop("Who mended it?", ids, offsets, [span(TEXT, "Grace")], size=8, lose=True)
        assert "grace" not in cropper.tokenizer.decode(made.ids)
        assert made.spans == []
    assert cropper.crop("Who?", ids, offsets, [span(TEXT, "Grace")], size=200, lose=True) is None
