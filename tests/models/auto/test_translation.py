import json
import re
from dataclasses import replace

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import AutoModelForSeq2SeqLM, BartConfig, PreTrainedTokenizerFast

from handlers.conversation import Request, Slots, Text, Turn
from handlers.translation import Translating
from models.auto.translation import Row, Translate, load
from models.auto.ways import Way
from models.catalog import TranslateTask
from models.types import ModelUnavailable, PairUnsupported, TextRefused

from ..families import catalogue, checkpoint, entry, serving
from ..families_translation import ALL, PREFIX, mbart50, nllb
from ..families_translation import TRANSLATORS as FAMILIES

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}
CHAT = "> Who fixed `the release`, @ana?\n\n- See https://example.com/a *now* :tada:\n```\nlet x\n```\n"
KEPT = ["> ", "`the release`", "@ana", "\n\n- ", "https://example.com/a", " *", "* :tada:\n", "```\nlet x\n```\n"]


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each family's checkpoint, made once."""
    made = {}

    def folder(family):
        if family not in made:
            made[family] = FAMILIES[family][0](tmp_path_factory.mktemp("checkpoints") / family)
        return made[family]

    return folder


def opened(folder, **fields):
    return load(folder, TranslateTask(**entry(folder, "translate", **fields)), **CPU)


@pytest.fixture
def task(request, folders):
    return opened(folders(request.param), **FAMILIES[request.param][1])


def ask(task, *items):
    """The translations of several texts whose sentences share one batch."""
    pieces = [task.prepare(item) for item in items]
    raw = iter(task.run([piece for some in pieces for piece in some]))
    return [task.finish(item, some, [next(raw) for _ in some]) for item, some in zip(items, pieces, strict=True)]


every = pytest.mark.parametrize("task", FAMILIES, indirect=True)
multilingual = pytest.mark.parametrize("task", [name for name in FAMILIES if name != "opus-mt"], indirect=True)


# What each family reads


@pytest.mark.parametrize(
    ("task", "before", "starts"),
    [
        ("opus-mt", "", "<pad>"),
        ("opus-mt-mul", ">>por<<", "<pad>"),
        ("nllb", "eng_Latn", "</s> por_Latn"),
        ("m2m100", "__en__", "</s> __pt__"),
        ("mbart-50", "en_XX", "</s> pt_XX"),
        ("t5", "translate English to Portuguese:", "<pad>"),
        ("mt5", "translate English to Portuguese:", "<pad>"),
        ("madlad-400", "<2pt>", "<pad>"),
    ],
    indirect=["task"],
)
def test_each_family_is_told_the_languages_in_its_own_way(task, before, starts):
    tokenizer = task._writer._tokenizer
    (piece,) = task.prepare(("Who fixed it", "en", "pt"))
    (row,) = piece.rows
    assert tokenizer.convert_ids_to_tokens(list(row.way.starts)) == starts.split()
    assert tokenizer.convert_ids_to_tokens([row.ids[-1]]) == ["</s>"]
    read = "".join(tokenizer.convert_ids_to_tokens(list(row.ids[:-1])))
    assert read.replace("▁", "") == f"{before}Who fixed it".replace(" ", "")


@pytest.mark.parametrize("family", ["nllb", "m2m100", "mbart-50"])
def test_what_is_read_is_what_the_familys_tokenizer_makes_itself(family, folders):
    task = opened(folders(family), **ALL)
    tokenizer = task._writer._tokenizer
    tokenizer.src_lang = {"nllb": "deu_Latn", "m2m100": "de", "mbart-50": "de_DE"}[family]
    (piece,) = task.prepare(("Die neue Version ist schnell", "de", "pt"))
    assert list(piece.rows[0].ids) == tokenizer("Die neue Version ist schnell").input_ids


@pytest.mark.parametrize("family", ["opus-mt-mul", "t5", "madlad-400"])
def test_what_is_read_is_what_the_tokenizer_makes_of_the_whole_prompt(family, folders):
    task = opened(folders(family), **FAMILIES[family][1])
    prompt = {"opus-mt-mul": ">>deu<< ", "t5": "translate English to German: ", "madlad-400": "<2de> "}[family]
    (piece,) = task.prepare(("Who fixed it", "en", "de"))
    assert list(piece.rows[0].ids) == task._writer._tokenizer(f"{prompt}Who fixed it").input_ids


def test_an_nllb_whose_sources_end_in_their_language_keeps_doing_so(tmp_path):
    task = opened(nllb(tmp_path / "legacy", legacy_behaviour=True), **ALL)
    ids = task.prepare(("Who", "en", "pt"))[0].rows[0].ids
    assert task._writer._tokenizer.convert_ids_to_tokens(list(ids[-2:])) == ["</s>", "eng_Latn"]


# What comes back


@every
def test_texts_in_one_batch_are_translated_as_each_alone(task):
    targets = ["pt"] if len(task._ways) == 1 else ["pt", "de"]
    items = [(text, "en", to) for text in ("Who fixed it?", "Ana", "We love her work; thanks") for to in targets]
    assert ask(task, *items) == [ask(task, item)[0] for item in items]


@multilingual
def test_the_target_decides_what_is_written(task):
    one, other = ask(task, ("Who fixed the release?", "en", "pt"), ("Who fixed the release?", "en", "de"))
    assert (one.target, other.target) == ("pt", "de")
    assert one.text != other.text


@every
def test_what_is_not_language_stays(task):
    (found,) = ask(task, (CHAT, "en", "pt"))
    assert (found.source, found.target) == ("en", "pt")
    at = 0
    for kept in KEPT:
        assert kept in found.text[at:], kept
        at = found.text.index(kept, at) + len(kept)


async def test_every_family_serves_the_catalogue_and_the_handler(folders, tmp_path):
    """All of them in one catalogue, each for a language of its own."""
    targets = dict(zip(FAMILIES, "it de fr es nl ro sv pt".split(), strict=True))
    fields = {family: {"between": [["en", target]]} for family, target in targets.items()}
    for family in ("t5", "mt5"):
        fields[family]["prefix"] = PREFIX
    tasks = {f"translate-en-{targets[family]}": entry(folders(family), "translate", **fields[family]) for family in FAMILIES}
    async with serving(catalogue(tmp_path, tasks)) as engine:
        for family, target in targets.items():
            request = Request("x", quoted=Turn("Ana", "Who fixed `it`?"), slots=Slots(target))
            reply = await Translating(engine).handle(request)
            assert reply.provenance.models == (f"{family}@0123456789",)
            assert reply.provenance.languages == (f"en>{target}",)
            assert isinstance(reply.parts[0], Text)
            assert "`it`" in reply.parts[0].text


# Decoding


def test_beams_and_their_cost_arrive(folders):
    greedy, beams = (opened(folders("nllb"), **ALL, beams=beams) for beams in (1, 3))
    item = ("Who fixed the release?", "en", "pt")
    (narrow,), (wide,) = greedy.prepare(item), beams.prepare(item)
    assert (narrow.size, wide.size) == (2 * len(narrow.rows[0].ids), 4 * len(narrow.rows[0].ids))
    asked = []
    generate = beams._writer._model.generate
    beams._writer._model.generate = lambda **how: asked.append(how["generation_config"]) or generate(**how)
    items = [item, ("Ana", "en", "de")]
    assert ask(beams, *items) == [ask(beams, item)[0] for item in items]
    assert {(settings.num_beams, settings.do_sample) for settings in asked} == {(3, False)}


def test_a_translation_ends_at_twice_its_source(folders):
    task = opened(folders("opus-mt"), between=[["en", "pt"]])
    rows = [piece.rows[0] for text in ("Ana", "Who fixed it") for piece in task.prepare((text, "en", "pt"))]
    written = []
    decode = task._writer._tokenizer.batch_decode
    task._writer._tokenizer.batch_decode = lambda ids, **how: written.append(ids) or decode(ids, **how)
    task._writer.translate(rows)
    padding = task._writer._tokenizer.pad_token_id
    assert [int((ids != padding).sum()) <= row.most for ids, row in zip(written[0], rows, strict=True)] == [True, True]
    assert written[0].shape[1] <= max(row.most for row in rows)


def test_a_first_token_that_the_checkpoint_would_force_gives_way(folders):
    """The tiny mBART's own settings force another token, as those of checkpoints made for one target do."""
    assert json.loads((folders("mbart-50") / "generation_config.json").read_text())["forced_bos_token_id"] == 7
    task = opened(folders("mbart-50"), **ALL)
    first = []
    decode = task._writer._tokenizer.batch_decode
    task._writer._tokenizer.batch_decode = lambda ids, **how: first.append(int(ids[0, 0])) or decode(ids, **how)
    ask(task, ("Who fixed it?", "en", "pt"), ("Ana", "en", "de"))
    assert 7 not in first


# Long texts and odd ones


@pytest.mark.parametrize("family", ["opus-mt", "t5"])
def test_no_window_is_longer_than_allowed_and_none_is_lost(family, folders):
    task = opened(folders(family), **FAMILIES[family][1], tokens=64)
    text = "the release broke and nobody noticed " * 20
    pieces = task.prepare((text, "en", "pt"))
    assert len(pieces) > 3
    assert max(len(row.ids) for piece in pieces for row in piece.rows) <= 64
    assert "".join(piece.sentence.filled(piece.sentence.masked) for piece in pieces) == text


def test_letters_that_a_vocabulary_lacks_are_kept_with_their_words(folders):
    task = opened(folders("t5"), **ALL, prefix=PREFIX)
    (found,) = ask(task, ("Ask 小明 or Жора today", "en", "pt"))
    assert "小明" in found.text
    assert "Жора" in found.text


def test_a_text_that_spells_a_special_token_does_not_become_one(folders):
    task = opened(folders("madlad-400"), **ALL)
    (piece,) = task.prepare(("Say <2de> and <unk> now", "en", "pt"))
    assert piece.sentence.items == ("<2de>", "<unk>")
    assert task._writer._tokenizer.convert_tokens_to_ids("<2de>") not in piece.rows[0].ids


@pytest.mark.parametrize(("item", "error"), [(("a", "pt", "en"), PairUnsupported), ((" ", "en", "pt"), TextRefused)])
def test_what_cannot_be_translated_is_refused(item, error, folders):
    task = opened(folders("opus-mt"), between=[["en", "pt"]])
    with pytest.raises(error):
        task.prepare(item)


# Placeholders and markup, with a model that can be told what to say


class Saying:
    """Writes each row's text again, changed by `how`; the ids of a text are its letters'."""

    special = foreign = re.compile("(?!)")

    def __init__(self, how):
        self.how, self.batches = how, []

    def encode(self, text):
        return [ord(letter) for letter in text]

    def translate(self, rows):
        self.batches.append(["".join(map(chr, row.ids)) for row in rows])
        return [self.how(text).strip() for text in self.batches[-1]]


def said(text, how, source="en", target="pt"):
    saying = Saying(how)
    task = Translate(saying, {(source, target): Way((), (), (0,))}, model="m", limit=1000, window=100)
    return ask(task, (text, source, target))[0].text, saying.batches


def test_placeholders_that_come_back_are_filled_where_they_are():
    text, batches = said("ask @ana about `x` now", lambda text: " ".join(reversed(text.split())))
    assert text == "now `x` about @ana ask"
    assert [batch for batch in batches if batch] == [["ask Zq1 about Zq2 now"]]


@pytest.mark.parametrize("lost", ["", "Zq1 Zq1", "Zq9", "Zq"])
def test_a_placeholder_that_is_lost_or_doubled_splits_its_sentence_alone(lost):
    def how(text):
        return re.sub("Zq1", lost, text).upper().replace("ZQ", "Zq") if "ask" in text else text.upper()

    text, batches = said("ask @ana about it. Thanks a lot.", how)
    assert text == "ASK @ana ABOUT IT. THANKS A LOT."
    assert batches[1] == ["ask", "about it."]


def test_markup_stays_around_its_words_and_costs_no_second_call():
    text, batches = said("this is *very important* for _us_", str.upper)
    assert text == "THIS IS *VERY IMPORTANT* FOR _US_"
    assert batches[0] == ["this is", "very important", "for", "us"]
    assert not any(batches[1:])


def test_what_comes_back_empty_stays_as_it_was():
    assert said("ask @ana now. *Thanks* all", lambda text: "")[0] == "ask @ana now. *Thanks* all"


def test_sentences_written_without_spaces_get_them_where_the_target_has_them():
    assert said("你好。世界！\n再见", lambda text: "x", "zh", "en")[0] == "x x\nx"
    assert said("你好。世界！", lambda text: "x", "zh", "ja")[0] == "xx"
    assert said("请看`x`吧", lambda text: text, "zh", "en")[1][0] == ["请看Zq1吧"]


def test_any_order_of_items_survives_a_model_that_mixes_everything():
    words = "see @ana at https://example.com/a and `x` or *this one* :tada: now. Then #help it".split(" ")
    for turn in range(len(words)):
        text = " ".join([*words[turn:], *words[:turn]])
        found, _ = said(text, lambda text: text[::-1])
        for item in ("@ana", "https://example.com/a", "`x`", ":tada:", "#help"):
            assert found.count(item) == 1
        assert found.count("*") == text.count("*")


def test_the_size_counts_every_part():
    way = Way((), (), (0,))
    task = Translate(Saying(str.upper), {("en", "pt"): way}, model="m", limit=100, window=100)
    whole, parts = task.prepare(("abcd efgh.\nab *cdef*!", "en", "pt"))
    assert whole.size == 2 * len("abcd efgh.")
    assert parts.size == 2 * 2 * len("cdef")
    assert Row((1, 2), way).most == 20
    assert replace(parts, rows=()).size == 1


# What cannot be loaded says why


@pytest.mark.parametrize(
    ("family", "fields", "why"),
    [
        ("t5", ALL, "prefix"),
        ("t5", {**ALL, "prefix": "{to}: "}, r"\{source\} and \{target\} alone"),
        ("nllb", {"between": [["en", "la"]]}, r"no token for Latin \(la\)"),
        ("m2m100", {"between": [["eo", "en"]]}, "Esperanto"),
        ("mbart-50", {"between": [["en", "el"]]}, "Greek"),
        ("opus-mt-mul", {"between": [["en", "fr"]]}, "French"),
        ("madlad-400", {"between": [["en", "fr"]]}, "French"),
        ("opus-mt", ALL, "one language only"),
        ("opus-mt", {}, "names no languages"),
        ("nllb", {**ALL, "tokens": 20}, "raise `tokens`"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(family, fields, why, folders):
    with pytest.raises(ModelUnavailable, match=why) as caught:
        opened(folders(family), **fields)
    assert caught.value.cause.count(". ") == 0


def test_the_first_mbart_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="before mBART-50"):
        opened(mbart50(tmp_path / "mbart", start=0), **ALL)


def test_other_kinds_of_model_are_refused_by_name(tmp_path):
    plain = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>")))
    sizes = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "vocab_size": 9, "max_position_embeddings": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8}
    folder = checkpoint(tmp_path / "bart", AutoModelForSeq2SeqLM, BartConfig(**sizes, **heads), plain)
    with pytest.raises(ModelUnavailable, match="is a bart model"):
        opened(folder, **ALL)
