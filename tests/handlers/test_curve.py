import random
import time

import numpy as np
import pytest

from handlers.conversation import Turning
from handlers.curve import FEWEST, chart, smoothed

DOWN_AND_UP = [-0.8] * 12 + [0.8] * 12


def noise(count, seed=0):
    drawn = random.Random(seed)
    return [drawn.uniform(-1, 1) for _ in range(count)]


def test_a_mood_that_changes_sides_turns_where_it_does():
    assert chart(DOWN_AND_UP).turning == (Turning(12, "positive"),)
    assert chart([-value for value in DOWN_AND_UP]).turning == (Turning(12, "negative"),)
    assert chart(DOWN_AND_UP * 2).turning == (Turning(12, "positive"), Turning(24, "negative"), Turning(36, "positive"))


@pytest.mark.parametrize(
    "valence",
    [
        [0.8] * 20,  # on one side
        [0.05] * 10 + [-0.05] * 10,  # hardly off neutral
        [0.9, -0.9] * 20,  # back and forth from one message to the next
        [-0.8] * 12 + [0.3] + [-0.8] * 12,  # one message alone
        [0.0] * 12 + [0.8] * 12,  # from no side to one
    ],
)
def test_a_mood_that_does_not_clearly_change_sides_does_not_turn(valence):
    assert chart(valence).turning == ()


def test_messages_that_say_nothing_turn_a_mood_seldom():
    turns = [len(chart(noise(100, seed)).turning) for seed in range(50)]
    assert sum(turns) / len(turns) < 0.6


def test_the_curve_keeps_a_level_and_a_mirror_image_has_the_mirrored_curve():
    assert chart([0.4] * 20).curve == pytest.approx([0.4] * 20)
    values = np.array(noise(30))
    assert smoothed(-values)[0] == pytest.approx(-smoothed(values)[0])
    assert smoothed(values[::-1])[0] == pytest.approx(smoothed(values)[0][::-1])


def test_the_error_in_the_middle_is_that_of_a_mean_of_as_many():
    values = np.array(noise(50))
    curve, errors = smoothed(values)
    assert errors[25] == pytest.approx(np.std(values - curve) / FEWEST**0.5, rel=0.01)
    assert errors[0] > errors[25]  # fewer stand behind the ends


def test_what_was_not_read_has_no_place_on_the_curve_and_does_not_change_it():
    gaps = [value for turn in DOWN_AND_UP for value in (None, turn)]
    drawn = chart(gaps)
    assert drawn.valence == tuple(gaps)
    assert drawn.curve[::2] == (None,) * 24
    assert drawn.curve[1::2] == chart(DOWN_AND_UP).curve
    assert drawn.turning == (Turning(25, "positive"),)


@pytest.mark.parametrize("valence", [[], [None], [None] * 9])
def test_nothing_read_nothing_drawn(valence):
    drawn = chart(valence)
    assert (drawn.curve, drawn.turning) == (tuple(valence), ())
    assert drawn.text == "The mood of this thread cannot be told, as there is nothing to read."


def test_the_text_says_what_the_curve_shows():
    assert chart([-0.8] * 12 + [0.8] * 12 + [-0.8] * 12).text == (
        "The mood over 36 messages starts negative, turns positive at message 13, negative at message 25 "
        "and ends negative. It is lowest around message 1 and highest around message 18."
    )
    assert chart([None, 0.0] * 12 + [value / 12 for value in range(12)]).text == (
        "The mood over 24 messages starts neutral and ends positive. "
        "It is lowest around message 2 and highest around message 36."
    )
    assert chart([0.5]).text == "The mood over 1 message stays positive."


def test_a_long_thread_takes_bounded_time_and_few_words():
    valence = noise(5_000) + [0.9] * 2_500 + [-0.9] * 2_500
    begun = time.process_time()
    drawn = chart(valence)
    assert time.process_time() - begun < 2
    assert len(drawn.text) < 1_000
    assert drawn == chart(valence)
