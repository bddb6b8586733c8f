from contextlib import contextmanager

import pytest

from models.stream import Progress, stream


class Steps:
    """Goes through these stages of an answer; counts who is inside."""

    def __init__(self, *stages):
        self._stages, self.inside, self.taken = iter(stages), 0, 0

    async def step(self):
        self.taken += 1
        return next(self._stages)

    @contextmanager
    def enter(self):
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    def begin(self):
        return stream(self.step, self.enter, model="m", read=2)


async def test_pieces_are_what_each_step_adds():
    steps = Steps(
        Progress("", False, False), Progress("ab", False, False), Progress("ab", False, False), Progress("abc", True, True)
    )
    answer = steps.begin()
    assert (answer.model, answer.read, answer.cut, steps.inside) == ("m", 2, False, 0)
    assert [piece async for piece in answer.pieces] == ["ab", "c"]
    assert answer.cut
    assert steps.inside == 0


async def test_no_step_is_taken_before_its_piece_is_wanted():
    steps = Steps(Progress("a", False, False), Progress("ab", True, False))
    answer = steps.begin()
    assert await anext(answer.pieces) == "a"
    assert (steps.taken, steps.inside) == (1, 1)
    await answer.pieces.aclose()
    assert (steps.taken, steps.inside) == (1, 0)


async def test_an_error_leaves_nobody_inside():
    steps = Steps(Progress("a", False, False))
    answer = steps.begin()
    await anext(answer.pieces)
    with pytest.raises(RuntimeError):  # no further stage
        await anext(answer.pieces)
    assert steps.inside == 0
