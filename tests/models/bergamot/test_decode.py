import pytest
import torch

from models.bergamot.decode import LENGTH_FACTOR, GreedyDecoder

SOURCES = [[5, 9, 12, 7, 0], [8, 3, 0], [20, 21, 22, 23, 24, 25, 0], [6, 0]]


class Listed:
    """A shortlist of every third token, the source's own, and the end."""

    def allowed(self, sources):
        chosen = torch.zeros(len(sources), 40, dtype=torch.bool)
        chosen[:, ::3] = True
        for row, source in zip(chosen, sources, strict=True):
            row[list(source)] = True
        return chosen.numpy()


@torch.no_grad()
def by_definition(model, source):
    """Greedy decoding of one source, the slow way."""
    allowed = torch.from_numpy(Listed().allowed([source]))[0]
    allowed[1] = False
    target = [40]
    while len(target) <= int(LENGTH_FACTOR * len(source)):
        logits = model(torch.tensor([source]), decoder_input_ids=torch.tensor([target])).logits[0, -1, :40]
        best = int(logits.masked_fill(~allowed, -torch.inf).argmax())
        if best == 0:
            break
        target.append(best)
    return target[1:]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_writes_what_the_model_finds_most_likely(tiny_student, dtype):
    model = tiny_student.to(dtype)
    assert [GreedyDecoder(model, Listed())([source])[0] for source in SOURCES] == [by_definition(model, s) for s in SOURCES]


def test_a_row_does_not_depend_on_its_neighbours(tiny_student):
    decoder = GreedyDecoder(tiny_student.double(), Listed())
    assert decoder(SOURCES) == [decoder([source])[0] for source in SOURCES]
    assert decoder(SOURCES[::-1]) == decoder(SOURCES)[::-1]


def test_a_translation_without_end_stops_at_the_length_limit(tiny_student):
    tiny_student.output_bias.data[0] = -100
    lengths = [len(target) for target in GreedyDecoder(tiny_student, Listed())(SOURCES)]
    assert lengths == [12, 7, 17, 5]


def test_the_unknown_token_is_never_written(tiny_student):
    tiny_student.output_bias.data[1] = 100
    assert all(1 not in target for target in GreedyDecoder(tiny_student, Listed())([[1, 2, 0], [1, 1, 0]]))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_mostly_agrees(tiny_student, dtype):
    exact = GreedyDecoder(tiny_student, Listed())(SOURCES)
    rough = GreedyDecoder(tiny_student.to(dtype), Listed())(SOURCES)
    assert sum(a[:1] == b[:1] for a, b in zip(exact, rough, strict=True)) >= 3
