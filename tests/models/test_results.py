import time

import pytest

from models.results import Results, key


@pytest.fixture
def results():
    return Results(characters=10, seconds=60)


def test_a_result_is_found_by_its_key(results):
    results.put(key("a", "text"), "found", characters=4)
    assert results.get(key("a", "text")) == "found"
    assert results.get(key("b", "text")) is None


@pytest.mark.parametrize("item", ["text", ("te", "xt"), ("t", "ext"), "té\ud800", ("text", ("pt",))])
def test_a_key_tells_requests_apart_and_holds_no_text(item):
    others = ["", "Text", ("text",), ("text", ()), ("text", ("en",))]
    assert key("a", item) == key("a", item)
    assert all(key("a", item) != key("a", other) for other in others)
    assert b"te" not in key("a", item)


def test_the_least_recently_used_leaves_first(results):
    for name in "abc":
        results.put(key(name, ""), name, characters=3)
    results.get(key("a", ""))
    results.put(key("d", ""), "d", characters=3)
    assert [results.get(key(name, "")) for name in "abcd"] == ["a", None, "c", "d"]


def test_what_has_no_room_is_not_kept(results):
    results.put(key("a", ""), "a", characters=11)
    assert results.get(key("a", "")) is None
    none = Results(characters=0, seconds=60)
    none.put(key("a", ""), "a", characters=1)
    assert none.get(key("a", "")) is None


def test_a_result_is_forgotten_after_its_time():
    results = Results(characters=10, seconds=0.01)
    results.put(key("a", ""), "a", characters=1)
    time.sleep(0.02)
    assert results.get(key("a", "")) is None
