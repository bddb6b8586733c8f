"""A student whose source and target have a vocabulary each, with pieces for bytes, as those for Chinese or Japanese come."""

import struct

import numpy as np
import pytest
import sentencepiece
import torch
import yaml

from models.bergamot import convert, vocabulary
from models.bergamot.configuration import BergamotConfig
from models.bergamot.decode import LENGTH_FACTOR
from models.bergamot.modeling import BergamotForConditionalGeneration
from models.bergamot.shortlist import MAGIC, Shortlist
from models.bergamot.student import Student
from models.bergamot.tokenization import backend
from models.tasks import translate
from models.types import ModelUnavailable

CPU = {"device": torch.device("cpu"), "dtype": torch.float32}
SYMBOLS = "__source__,__target__"
ENGLISH = ["The meeting starts at nine.", "Who broke the build?", "Thank you for your help, and see you soon!"]
JAPANESE = ["会議は九時に始まります。", "誰がビルドを壊しましたか？", "助けてくれてありがとう、またね！"]
SOURCES, TARGETS = 290, 320


def train(path, texts, size):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 20),
        model_prefix=str(path.with_suffix("")),
        vocab_size=size,
        bos_id=-1,
        eos_id=0,
        unk_id=1,
        byte_fallback=True,
        user_defined_symbols=SYMBOLS,
        hard_vocab_limit=True,
        minloglevel=2,
    )
    path.with_suffix(".model").rename(path)


@pytest.fixture(scope="module")
def vocabularies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabularies")
    train(folder / "srcvocab.enja.spm", ENGLISH, SOURCES)
    train(folder / "trgvocab.enja.spm", [*JAPANESE, *ENGLISH], TARGETS)
    return folder


@pytest.fixture
def tiny_config():
    sizes = {"d_model": 16, "ffn_dim": 32, "attention_heads": 2, "encoder_layers": 2, "decoder_layers": 2, "init_std": 0.4}
    ids = {"pad_token_id": SOURCES, "decoder_start_token_id": TARGETS}
    return BergamotConfig(vocab_size=SOURCES + 1, target_vocab_size=TARGETS + 1, **sizes, **ids)


@pytest.fixture
def folder(vocabularies, tiny_student, settings, entries, marian_file, tmp_path):
    """A folder as Mozilla publishes it; the weights are the tiny student's, and the settings leave the sizes out."""
    settings |= {"tied-embeddings-all": False, "tied-embeddings": True, "dim-vocabs": []}
    weights = tiny_student.state_dict()
    rows = [("special:model.yml", 0x0101, (1,), yaml.safe_dump(settings).encode() + b"\0")]
    for name, ours in (("encoder_Wemb", "encoder"), ("decoder_Wemb", "decoder")):
        matrix = weights[f"{ours}.embedding.tokens.weight"][:-1].numpy()
        rows.append((name, 0x0404, matrix.shape, matrix.tobytes()))
    marian_file([*rows, *(entry for entry in entries[1:] if entry[0] != "Wemb")], "model.enja.intgemm.alphas.bin")
    for path in vocabularies.glob("*.spm"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lists = [[(7 * token + k) % TARGETS for k in range(9)] for token in range(SOURCES)]
    offsets = np.cumsum([0, *map(len, lists)])
    header = struct.pack("<6Q", MAGIC, 0, 20, 2, len(offsets), sum(map(len, lists)))
    body = struct.pack(f"<{len(offsets)}Q", *offsets) + struct.pack(f"<{offsets[-1]}I", *(t for row in lists for t in row))
    (tmp_path / "lex.50.50.enja.s2t.bin").write_bytes(header + body)
    return tmp_path


@torch.no_grad()
def by_definition(model, shortlist, source):
    allowed = torch.from_numpy(shortlist.allowed([source]))[0]
    allowed[1] = False
    target = [TARGETS]
    while len(target) <= int(LENGTH_FACTOR * len(source)):
        logits = model(torch.tensor([source]), decoder_input_ids=torch.tensor([target])).logits[0, -1, :TARGETS]
        if (best := int(logits.masked_fill(~allowed, -torch.inf).argmax())) == 0:
            break
        target.append(best)
    return target[1:]


def test_it_translates_as_its_equations_say(folder, tiny_student):
    # In double precision, in which random weights have no ties that rounding would break one way or the other.
    student, tiny_student = Student.load(folder, "en", "ja", **{**CPU, "dtype": torch.float64}), tiny_student.double()
    shortlist = Shortlist.load(folder / "lex.50.50.enja.s2t.bin", SOURCES, TARGETS)
    target = sentencepiece.SentencePieceProcessor(model_file=str(folder / "trgvocab.enja.spm"))
    sources = [student.encode(text) for text in ENGLISH]
    written = [by_definition(tiny_student, shortlist, list(source)) for source in sources]
    assert student._decode(sources) == written
    assert student.translate(sources) == [student._target.decode(ids) for ids in written]
    assert max(map(max, written)) < target.get_piece_size()


def test_a_whole_text_goes_through_the_task(folder):
    task = translate.load(folder, "en", "ja", model="m", limit=100, **CPU)
    item = task.item("- See `x` *now*, please: 会議 😀")
    pieces = task.prepare(item)
    found = task.finish(item, pieces, task.run(pieces)).text
    assert found.startswith("- ")
    assert "`x`" in found
    assert found.count("*") == 2


def test_generate_writes_targets_and_links_point_into_both(folder, tiny_student):
    loaded = Student.load(folder, "en", "ja", **CPU)
    ids = [torch.tensor(loaded.encode(text)) for text in ENGLISH[:2]]
    padded = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=SOURCES)
    written = loaded._model.generate(input_ids=padded, attention_mask=(padded != SOURCES).long(), max_new_tokens=9)
    assert int(written.max()) <= TARGETS
    links = loaded.align([(ENGLISH[0], JAPANESE[0])])[0]
    assert max(link.target[1] for link in links) == len(JAPANESE[0])
    assert max(link.source[1] for link in links) <= len(ENGLISH[0])


def test_a_loss_counts_target_tokens(tiny_student):
    labels = torch.tensor([[TARGETS - 1, 5, 0, -100]])
    found = tiny_student(torch.tensor([[4, 5, 0]]), labels=labels)
    assert found.logits.shape == (1, 4, TARGETS + 1)
    assert torch.isfinite(found.loss)


@pytest.mark.parametrize("side", ["srcvocab", "trgvocab"])
def test_ids_and_texts_are_those_of_sentencepiece(vocabularies, side):
    path = vocabularies / f"{side}.enja.spm"
    reference, tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(path)), backend(vocabulary.read(path))
    for text in [*ENGLISH, *JAPANESE, "naïve 漢字 plain", "🎉 ok"]:
        ids = reference.encode(text)
        assert tokenizer.encode(text).ids == [*ids, 0]
        assert tokenizer.decode(ids) == reference.decode(ids)


def test_pieces_for_bytes_and_symbols_are_no_letters(vocabularies):
    words = vocabulary.read(vocabularies / "srcvocab.enja.spm")
    assert words.octets
    assert len(words.symbols) == 2
    assert not {"<0x0A>", "__source__", "</s>", "<unk>"} & set(words.written)


def test_an_output_layer_of_its_own_is_refused(settings, entries, marian_file):
    settings |= {"tied-embeddings-all": False, "tied-embeddings": False}
    path = marian_file([("special:model.yml", 0x0101, (1,), yaml.safe_dump(settings).encode() + b"\0"), *entries[1:]])
    with pytest.raises(ModelUnavailable, match="not tied"):
        convert.load(path, words=SOURCES, targets=TARGETS)


@pytest.mark.parametrize("missing", ["srcvocab", "trgvocab"])
def test_one_vocabulary_of_two_is_not_enough(folder, missing):
    (folder / f"{missing}.enja.spm").unlink()
    with pytest.raises(ModelUnavailable, match="vocab.enja.spm"):
        Student.load(folder, "en", "ja", **CPU)


def test_vocabularies_of_another_size_are_refused(folder):
    (folder / "trgvocab.enja.spm").write_bytes((folder / "srcvocab.enja.spm").read_bytes())
    with pytest.raises(ModelUnavailable, match="differ in size"):
        Student.load(folder, "en", "ja", **CPU)


def test_both_are_saved_and_read_again(tiny_student, tmp_path):
    tiny_student.save_pretrained(tmp_path)
    again = BergamotForConditionalGeneration.from_pretrained(tmp_path)
    for name, tensor in tiny_student.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor)
