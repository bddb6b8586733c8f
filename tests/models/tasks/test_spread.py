"""Every piece is computed once, and results come back in order, however many cores share a batch."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.spread import LEAST, Spread, shares


@dataclass(frozen=True)
class Row:
    number: int
    size: int = LEAST


class Echo:
    """Gives back what it computed, and keeps on which thread, with how many of torch's."""

    def __init__(self, broken=()):
        self.broken, self.parts = broken, []

    def prepare(self, item):
        return [Row(number) for number in item]

    def run(self, pieces):
        self.parts.append((threading.get_ident(), torch.get_num_threads(), [piece.number for piece in pieces]))
        for piece in pieces:
            if piece.number in self.broken:
                raise ValueError(piece.number)
        return [piece.number for piece in pieces]

    def finish(self, item, pieces, raw):
        return list(raw)


@pytest.fixture
def others():
    with ThreadPoolExecutor(3) as pool:
        yield pool


@given(st.lists(st.integers(1, 400), min_size=1, max_size=70), st.integers(1, 9))
def test_shares_hold_every_piece_once_in_order(sizes, parts):
    rows = [Row(number, size) for number, size in enumerate(sizes)]
    found = shares(rows, parts)
    assert [row for share in found for row in share] == rows
    assert all(found)
    assert len(found) == max(1, min(parts, len(rows), sum(sizes) // LEAST))


def test_shares_are_about_equal():
    rows = [Row(number, size) for number, size in enumerate([60, 50, 40, *[10] * 15])]
    one, two = ([row.size for row in share] for share in shares(rows, 2))
    assert abs(sum(one) - sum(two)) <= 20


def test_results_come_back_in_order_from_several_cores(others):
    before, task = torch.get_num_threads(), Echo()
    spread = Spread(task, cores=3, others=others)
    assert spread.run([Row(number) for number in range(9)]) == list(range(9))
    assert len(task.parts) == 3
    assert {threads for _, threads, _ in task.parts} == {1}
    assert torch.get_num_threads() == before


def test_a_lone_piece_has_all_of_torchs_threads(others):
    before, task = torch.get_num_threads(), Echo()
    assert Spread(task, cores=3, others=others).run([Row(0, 400)]) == [0]
    assert task.parts == [(threading.get_ident(), before, [0])]


@pytest.mark.parametrize("broken", [0, 8])
def test_an_error_in_any_part_is_raised_when_all_are_done(others, broken):
    task = Echo(broken=(broken,))
    with pytest.raises(ValueError, match=str(broken)):
        Spread(task, cores=3, others=others).run([Row(number) for number in range(9)])
    assert len(task.parts) == 3


def test_requests_are_cut_and_joined_as_before(others):
    spread = Spread(Echo(), cores=2, others=others)
    pieces = spread.prepare([4, 5])
    assert spread.finish([4, 5], pieces, spread.run(pieces)) == [4, 5]
