"""Which model goes where, on hosts that are made up."""

import pytest

from models.footprint import Footprint
from models.placement import RESERVE, Device, Host, Want, plan, refusal, size
from models.types import ModelUnavailable

GB = 10**9
CPU = Device("cpu", 64 * GB, title="main memory")


def gpu(number, free, dtype="bfloat16"):
    return Device(f"cuda:{number}", int(free * GB), dtype)


def want(name, billions, **fields):
    """A model whose parameters are all in linear layers."""
    parameters = int(billions * GB)
    return Want(name, f"the model {name}", Footprint(parameters, parameters), **fields)


def where(placed):
    return {name: [placing.device.name for placing in placings] for name, placings in placed.items()}


def test_the_largest_goes_first_and_each_to_the_gpu_with_the_most_room():
    host = Host([gpu(0, 16), gpu(1, 20), CPU])
    placed = plan([want("small", 0.5), want("large", 6), want("middle", 2)], host)
    assert where(placed) == {"large": ["cuda:1"], "middle": ["cuda:0"], "small": ["cuda:0"]}
    assert placed["small"][0].free == 12 * GB
    assert all(placing.fits for [placing] in placed.values())


def test_models_of_a_device_share_one_reserve():
    host = Host([gpu(0, 13.1)])
    placed = plan([want("large", 4), want("twin", 1.5)], host)
    assert placed["twin"][0].needed == 3 * GB + 2 * GB
    assert placed["twin"][0].fits
    assert not plan([want("large", 4), want("twin", 1.6)], host)["twin"][0].fits


def test_a_small_model_needs_the_least_reserve():
    [placing] = plan([want("small", 0.001)], Host([CPU]))["small"]
    assert placing.needed == 4_000_000 + RESERVE


def test_a_list_of_devices_gets_a_replica_on_each_before_others_are_placed():
    host = Host([gpu(0, 10), gpu(1, 10), gpu(2, 4), CPU])
    placed = plan([want("free", 1), want("twice", 0.9, devices=("cuda:0", "cuda:2"))], host)
    assert where(placed) == {"twice": ["cuda:0", "cuda:2"], "free": ["cuda:1"]}


def test_replicas_on_any_gpu_go_to_different_ones():
    placed = plan([want("twice", 1, devices=("cuda", "cuda"))], Host([gpu(0, 8), gpu(1, 8)]))
    assert where(placed) == {"twice": ["cuda:0", "cuda:1"]}


@pytest.mark.parametrize(
    ("wish", "found"),
    [("auto", ["cuda:0", "cuda:1"]), ("cuda", ["cuda:0", "cuda:1"]), ("cuda:1", ["cuda:1"]), ("cpu", ["cpu"])],
)
def test_a_wish_means_devices(wish, found):
    host = Host([gpu(0, 8), gpu(1, 8), CPU])
    assert [device.name for device in host.offered(wish)] == found


def test_auto_takes_an_apple_gpu_before_the_processor():
    assert [device.name for device in Host([CPU, Device("mps:0", GB)]).offered("auto")] == ["mps:0"]


def test_a_device_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ModelUnavailable, match=r"'cuda:7' is not available here; choose one of: auto, cuda:0, cpu\."):
        Host([gpu(0, 8), CPU]).offered("cuda:7")


def test_an_entry_for_a_device_that_is_not_there_leaves_the_others_alone():
    placed = plan([want("lost", 1, devices=("cuda:7",)), want("kept", 1)], Host([CPU]))
    assert where(placed) == {"kept": ["cpu"]}


def test_what_does_not_fit_takes_no_room_from_others():
    placed = plan([want("huge", 70), want("small", 1)], Host([gpu(0, 8)]))
    assert not placed["huge"][0].fits
    assert placed["small"][0].free == 8 * GB


def test_a_model_is_as_large_as_its_dtype_on_that_device():
    host = Host([gpu(0, 64, "float16"), CPU])
    sizes = {}
    for device, dtype in (("cuda", "auto"), ("cuda", "float32"), ("cpu", "auto"), ("cpu", "bfloat16")):
        [placing] = plan([want("model", 1, dtype=dtype)], host, device=device)["model"]
        sizes[device, dtype] = placing.precision, placing.weights / GB
    assert sizes == {
        ("cuda", "auto"): ("float16", 2),
        ("cuda", "float32"): ("float32", 4),
        ("cpu", "auto"): ("float32", 4),
        ("cpu", "bfloat16"): ("bfloat16", 2),
    }


def test_a_refusal_says_what_is_needed_what_is_free_and_what_would_fit():
    host = Host([gpu(0, 12), CPU])
    [placing] = plan([want("chat", 8)], host)["chat"]
    assert refusal(placing, host) == (
        "the model chat needs 20.0 GB on cuda:0, where 12.0 GB are free; "
        'set quantization = "int8" (10.0 GB), quantization = "int4" (5.6 GB) or device = "cpu" (40.0 GB) in its entry.'
    )


def test_half_precision_is_offered_where_it_would_do():
    host = Host([Device("cpu", 6 * GB)])
    [placing] = plan([want("chat", 2)], host)["chat"]
    assert 'set dtype = "bfloat16" (5.0 GB), quantization' in refusal(placing, host)


def test_a_refusal_says_so_where_nothing_would_fit():
    host = Host([Device("cpu", GB)])
    [placing] = plan([want("chat", 70, quantization="int4")], host)["chat"]
    assert refusal(placing, host).endswith("are free; nothing here has room for it, choose a smaller checkpoint.")


def test_sizes_are_told_in_round_numbers():
    assert (size(1_540_000_000), size(96_400_000)) == ("1.5 GB", "96 MB")
