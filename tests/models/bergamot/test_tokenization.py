import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from models.bergamot import register
from models.bergamot.configuration import BergamotConfig
from models.bergamot.tokenization import BergamotTokenizer

pytestmark = pytest.mark.real

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "A conta não foi paga; então o serviço parou às 14h30.",
    "  spaces   and\ttabs\nand lines  ",
    "ﬁne ½ ① ａｂｃ … “quoted” — dashes – and ’",
    "👍👍 👍 :+1: <@U123> #general `code()` https://example.com/a?b=c",
    "</s> <unk> <pad>",
    "a\u00a0b\u200bc\u3000d \x00\x01 e",
    "e\u0301 a\u0303o",
    "日本語 한국어 العربية",
    "antidisestablishmentarianism " * 5,
    "",
]


@pytest.fixture(scope="module", params=["en", "pt"])
def both(request, student_folders):
    path = next(student_folders[request.param].glob("vocab.*.spm"))
    return BergamotTokenizer.from_sentencepiece(path), sentencepiece.SentencePieceProcessor(model_file=str(path))


@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_those_of_sentencepiece_and_the_end(both, text):
    tokenizer, reference = both
    assert tokenizer(text).input_ids == [*reference.encode(text), 0]


@given(st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=150, deadline=None)
def test_ids_are_those_of_sentencepiece_for_any_latin_text(both, text):
    tokenizer, reference = both
    found, expected = tokenizer(text).input_ids, [*reference.encode(text), 0]
    if found != expected:  # then two ways to cut the text are equally likely, as with long rows of digits
        likelihoods = [sum(map(reference.get_score, ids)) for ids in (found, expected)]
        assert likelihoods[0] == pytest.approx(likelihoods[1], abs=1e-3)


def test_decoding_gives_the_text_again(both):
    tokenizer, reference = both
    text = "Tudo certo? Then we can start."
    assert tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True) == text
    assert reference.decode(reference.encode(text)) == text


def test_batches_are_padded_with_the_extra_token(both):
    ids = both[0](["a b c d", "a"], padding=True, return_tensors="pt").input_ids
    assert ids[1, -1] == 32000
    assert len(both[0]) == 32001


def test_saving_and_loading_through_the_auto_class(both, tmp_path):
    register()
    BergamotConfig().save_pretrained(tmp_path)
    both[0].save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert isinstance(loaded, BergamotTokenizer)
    assert [loaded(text).input_ids for text in TEXTS] == [both[0](text).input_ids for text in TEXTS]
    assert (loaded.eos_token_id, loaded.unk_token_id, loaded.pad_token_id) == (0, 1, 32000)
