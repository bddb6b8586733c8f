import pytest
import torch

from models.bergamot.modeling import NEVER, visible
from models.bergamot.serving import FastDecoder, FastEncoder

SOURCE = torch.tensor([[5, 9, 12, 7, 0], [8, 3, 0, 40, 40]])


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 2e-2)])
@torch.inference_mode()
def test_the_equations_are_those_of_the_model(tiny_student, dtype, tolerance):
    model = tiny_student.to(dtype)
    keep = visible(SOURCE != 40)
    mask = torch.zeros(keep.shape, dtype=dtype).masked_fill(~keep, NEVER)
    encoded = model.encoder(SOURCE, SOURCE != 40).last_hidden_state
    fast = FastEncoder(model)(SOURCE, mask)
    torch.testing.assert_close(fast[keep[:, 0, 0]], encoded[keep[:, 0, 0]], atol=tolerance, rtol=tolerance)

    decoder = FastDecoder(model)
    rows, state = decoder.start(encoded, mask), model.decoder.start(encoded)
    for token in (4, 6, 22):
        x = model.encoder.embedding(torch.full((2, 1), token))
        slow = model.decoder(x, state, keep)[:, 0]
        torch.testing.assert_close(decoder(x[:, 0], rows), slow, atol=tolerance, rtol=tolerance)


@torch.inference_mode()
def test_kept_rows_go_on_as_before(tiny_student):
    model = tiny_student.double()
    decoder, encoded = FastDecoder(model), model.encoder(SOURCE[:, :3]).last_hidden_state
    both, one = decoder.start(encoded, None), decoder.start(encoded, None)
    x = torch.randn(2, 16, dtype=torch.float64)
    decoder(x, both), decoder(x, one)
    one.keep(torch.tensor([1]))
    torch.testing.assert_close(decoder(x[1:], one), decoder(x, both)[1:])
