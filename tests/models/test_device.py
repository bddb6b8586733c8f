import pytest
import torch

from models.device import choose, one_core, out_of_memory
from models.types import ModelUnavailable


def test_auto_finds_a_device_that_works():
    device, dtype = choose()
    assert torch.ones(1, device=device).item() == 1
    assert dtype is None


def test_a_named_dtype_is_kept():
    assert choose("cpu", "bfloat16") == (torch.device("cpu"), torch.bfloat16)


@pytest.mark.parametrize("name", ["cuda:99", "nonsense"])
def test_a_device_that_is_not_there_is_refused_by_name(name):
    with pytest.raises(ModelUnavailable) as refused:
        choose(name)
    assert name in refused.value.cause


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."), True),
        (MemoryError(), True),
        (RuntimeError("shapes do not match"), False),
    ],
)
def test_running_out_of_memory_is_told_from_other_errors(error, expected):
    assert out_of_memory(error) is expected


def test_one_core_is_for_the_block_alone():
    before = torch.get_num_threads()
    with one_core(when=True):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with one_core(when=False):
        assert torch.get_num_threads() == before


def broken():
    with one_core(when=True):
        raise ValueError("broken")


def test_the_other_cores_come_back_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(ValueError, match="broken"):
        broken()
    assert torch.get_num_threads() == before
