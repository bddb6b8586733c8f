import torch

from models.bergamot.alignment import align


def test_there_is_a_source_position_for_every_target_token(tiny_student):
    sources, targets = [[5, 9, 12, 7, 0], [8, 0]], [[4, 0], [17, 2, 30, 11, 0]]
    together = align(tiny_student, sources, targets)
    assert [len(row) for row in together] == [2, 5]
    assert set(together[1]) <= {0, 1}
    alone = [align(tiny_student, [source], [target])[0] for source, target in zip(sources, targets, strict=True)]
    assert together == alone


def test_it_is_the_guided_heads_attention(tiny_student):
    seen = {}
    attention = tiny_student.decoder.layers[-1].attention
    hook = attention.query.register_forward_hook(lambda module, args, output: seen.update(query=output))
    with torch.inference_mode():
        source = tiny_student.encoder(torch.tensor([[5, 9, 12, 0]])).last_hidden_state
        tiny_student(encoder_outputs=(source,), decoder_input_ids=torch.tensor([[40, 4, 6]]))
        keys, _ = attention.memory(source)
    hook.remove()
    expected = (seen["query"][0, :, :8] @ keys[0, 0].T).argmax(-1).tolist()
    assert align(tiny_student, [[5, 9, 12, 0]], [[4, 6, 0]]) == [expected]
