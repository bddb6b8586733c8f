import regex

from models.bench.translation import sentences, translate
from models.tasks.translate import TranslateTask


class Numbering:
    """Translates each sentence into its length."""

    foreign = regex.compile(r"(?!)")

    def __init__(self):
        self.sizes = []

    def encode(self, text):
        return tuple(text.encode())

    def translate(self, sources):
        self.sizes.append(len(sources))
        return [str(len(source)) for source in sources]

    def align(self, pairs):
        raise AssertionError


def test_there_are_sentences_of_mixed_length():
    lengths = [len(text.split()) for text in sentences()]
    assert len(lengths) == 64
    assert min(lengths) <= 5
    assert max(lengths) >= 28


def test_batches_are_of_like_length_and_answers_in_order():
    translator = Numbering()
    task = TranslateTask(translator, "en", "pt", model="fake", limit=100)
    texts = ["Abcdefg.", "A.", "Abc.", "Ab. Abcd.", "Abcdef."]
    assert translate(task, texts, 4) == ["8", "2", "4", "3 5", "7"]
    assert translator.sizes == [4, 2]
