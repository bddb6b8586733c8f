from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch

from models.batcher import Batcher
from models.device import choose, host, moved, one_core, out_of_memory, suited
from models.tasks.encoder import pad
from models.types import ModelFailed, ModelUnavailable

cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA or ROCm")


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


def test_a_host_names_its_devices_with_what_is_free_and_the_processor_last():
    found = host().devices
    assert [device.name for device in found if device.name.startswith("cuda")] == [
        f"cuda:{number}" for number in range(torch.cuda.device_count())
    ]
    assert found[-1].name == "cpu"
    assert found[-1].dtype == "float32"
    assert 0 < found[-1].free < 10**15


@pytest.mark.parametrize(("limit", "free"), [("2000", 2000 - 700 + 200), ("max", None), ("500", 0), ("nonsense", None)])
def test_a_container_has_what_it_may_take(tmp_path, limit, free):
    files = {"max": limit, "current": "700", "stat": "anon 500\ninactive_file 200"}
    for name, content in files.items():
        (tmp_path / f"memory.{name}").write_text(f"{content}\n")
    found = host(tmp_path).devices[-1].free
    assert found == free if free is not None else found > 10**6


@pytest.mark.parametrize("name", ["cpu", "mps", "meta"])
def test_other_devices_than_cuda_compute_in_full_precision(name):
    assert suited(torch.device(name)) is torch.float32


def test_a_tensor_that_is_in_its_place_is_not_copied():
    tensor = torch.arange(3)
    assert moved(tensor, "cpu") is tensor
    assert moved(tensor, torch.device("meta")).device.type == "meta"


@cuda
def test_the_gpu_gets_a_number_and_the_dtype_it_computes_in():
    device, _ = choose("cuda")
    assert device.index is not None
    native = torch.version.hip or torch.cuda.get_device_capability(device) >= (8, 0)
    assert suited(device) is (torch.bfloat16 if native else torch.float16)
    half = torch.ones(64, 64, device=device, dtype=suited(device))
    assert (half @ half).float().eq(64).all()


@cuda
def test_what_goes_to_the_gpu_arrives_whole():
    rows = [list(range(1, length)) for length in range(2, 500)]
    ids, mask = pad(rows, device="cuda:0")
    assert ids.device.type == mask.device.type == "cuda"
    assert torch.equal(ids.cpu(), pad(rows)[0])
    assert torch.equal(mask.cpu(), pad(rows)[1])


@cuda
def test_memory_that_is_cached_for_us_counts_as_free():
    before = host().devices[0].free
    torch.empty(256 << 20, dtype=torch.uint8, device="cuda:0")
    assert host().devices[0].free > before - (64 << 20)


@dataclass(frozen=True)
class Block:
    size: int


class Hungry:
    """Takes a part of the GPU's memory for each row."""

    def __init__(self, share):
        self.bytes, self.batches = int(torch.cuda.mem_get_info(0)[0] * share), []

    def run(self, pieces):
        self.batches.append(len(pieces))
        torch.empty(self.bytes * len(pieces), dtype=torch.uint8, device="cuda:0")
        return [0 for _ in pieces]


@cuda
@pytest.mark.parametrize(("share", "fits"), [(0.4, True), (0.7, False)])
async def test_a_batch_that_the_gpu_has_no_room_for_is_halved_once(share, fits):
    hungry = Hungry(share)
    with ThreadPoolExecutor(1) as device:
        async with Batcher(device, tokens=100, room=10, too_big=out_of_memory) as batcher:
            with batcher.enter():
                asked = batcher.submit(hungry, [Block(1)] * 4)
                if fits:
                    assert await asked == [0] * 4
                else:
                    with pytest.raises(ModelFailed):
                        await asked
    assert hungry.batches == ([4, 2, 2] if fits else [4, 2])
