import pytest
import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from models.bergamot import register
from models.bergamot.configuration import BergamotConfig
from models.bergamot.modeling import BergamotForConditionalGeneration, sinusoids

SOURCE = torch.tensor([[5, 9, 12, 7, 0], [8, 3, 0, 40, 40]])
MASK = SOURCE != 40
TARGET = torch.tensor([[40, 4, 6, 22], [40, 17, 2, 30]])


@torch.no_grad()
def test_reading_a_target_token_by_token_gives_what_reading_it_at_once_gives(tiny_student):
    whole = tiny_student(SOURCE, MASK, decoder_input_ids=TARGET).logits
    state, steps = None, []
    for token in TARGET.unbind(1):
        out = tiny_student(SOURCE, MASK, decoder_input_ids=token[:, None], past_key_values=state, use_cache=True)
        state = out.past_key_values
        steps.append(out.logits)
    torch.testing.assert_close(torch.cat(steps, dim=1), whole)
    assert state.get_seq_length() == 4


@torch.no_grad()
def test_padding_changes_nothing(tiny_student):
    together = tiny_student(SOURCE, MASK, decoder_input_ids=TARGET).logits[1]
    alone = tiny_student(SOURCE[1:, :3], decoder_input_ids=TARGET[1:]).logits[0]
    torch.testing.assert_close(together, alone)


@torch.no_grad()
def test_later_target_tokens_do_not_reach_back(tiny_student):
    changed = TARGET.clone()
    changed[:, 3] = 11
    a, b = (tiny_student(SOURCE, MASK, decoder_input_ids=ids).logits for ids in (TARGET, changed))
    torch.testing.assert_close(a[:, :3], b[:, :3])
    assert not torch.allclose(a[:, 3], b[:, 3])


def test_positions_are_told_apart_and_span_the_wavelengths():
    table = sinusoids(8, 6)
    assert table[0].tolist() == [0, 0, 0, 1, 1, 1]
    torch.testing.assert_close(table[1, :3], torch.tensor([1.0, 10000**-0.5, 10000**-1.0]).sin())


@pytest.mark.parametrize("beams", [1, 4])
def test_generate_scores_its_own_output_as_forward_does(tiny_student, beams):
    out = tiny_student.generate(
        SOURCE,
        attention_mask=MASK,
        num_beams=beams,
        do_sample=False,
        max_new_tokens=6,
        min_new_tokens=6,
        length_penalty=0.0,
        output_scores=True,
        return_dict_in_generate=True,
    )
    sequences = out.sequences
    assert sequences.shape == (2, 7)
    with torch.no_grad():
        likely = tiny_student(SOURCE, MASK, decoder_input_ids=sequences[:, :-1]).logits.log_softmax(-1)
    chosen = likely.gather(2, sequences[:, 1:, None])[..., 0]
    steps = tiny_student.compute_transition_scores(
        sequences, out.scores, out.beam_indices if beams > 1 else None, normalize_logits=beams == 1
    )
    # `min_new_tokens` forbids the end in all but the last step, which renormalizes greedy scores by its probability.
    allowed = torch.log1p(-likely[..., 0].exp()) if beams == 1 else torch.zeros_like(chosen)
    allowed[:, -1] = 0
    torch.testing.assert_close(steps[:, :5], (chosen - allowed)[:, :5], atol=1e-4, rtol=1e-4)


def test_greedy_generation_is_the_argmax_of_forward(tiny_student):
    sequences = tiny_student.generate(SOURCE, attention_mask=MASK, do_sample=False, max_new_tokens=5, min_new_tokens=5)
    with torch.no_grad():
        logits = tiny_student(SOURCE, MASK, decoder_input_ids=sequences[:, :-1]).logits
    logits[..., 0] = -torch.inf
    assert torch.equal(logits.argmax(-1), sequences[:, 1:])


def test_saving_and_loading_through_the_auto_classes(tiny_student, tmp_path):
    register()
    register()
    tiny_student.save_pretrained(tmp_path)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert isinstance(loaded, BergamotForConditionalGeneration)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), BergamotConfig)
    with torch.no_grad():
        a, b = (model(SOURCE, MASK, decoder_input_ids=TARGET).logits for model in (tiny_student, loaded))
    assert torch.equal(a, b)


def test_training_learns_and_ignores_what_is_marked(tiny_config):
    torch.manual_seed(0)
    model = BergamotForConditionalGeneration(tiny_config)
    labels = torch.tensor([[4, 6, 22, 0], [17, 2, 0, -100]])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        loss = model(SOURCE, MASK, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    assert model.get_input_embeddings().weight[40].abs().max() == 0

    model.eval()
    changed = labels.clone()
    changed[1, 3] = 9
    with torch.no_grad():
        kept, longer = (model(SOURCE, MASK, labels=x).loss for x in (labels, changed))
    assert kept != longer
    inputs = model.prepare_decoder_input_ids_from_labels(labels)
    assert inputs.tolist() == [[40, 4, 6, 22], [40, 17, 2, 0]]


def test_padding_is_never_written(tiny_student):
    with torch.no_grad():
        assert tiny_student(SOURCE, MASK, decoder_input_ids=TARGET).logits[..., 40].max() < -1e8
