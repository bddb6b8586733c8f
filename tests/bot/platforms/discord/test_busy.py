"""When a channel is a busy one."""

from __future__ import annotations

import pytest

from bot.platforms.discord.busy import BUSY, WITHIN_S, Traffic


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def traffic(clock):
    return Traffic(clock=clock)


def test_many_messages_within_a_minute_make_a_channel_busy(traffic):
    for _ in range(BUSY - 1):
        traffic.passed(1)
    assert not traffic.busy(1)
    traffic.passed(1)
    assert traffic.busy(1)


def test_other_channels_stay_as_they_are(traffic):
    for channel in range(BUSY):
        traffic.passed(channel)
    assert not any(traffic.busy(channel) for channel in range(BUSY + 1))


def test_a_channel_that_falls_silent_is_busy_no_more(traffic, clock):
    for _ in range(BUSY):
        traffic.passed(1)
    clock.now += WITHIN_S + 1
    assert not traffic.busy(1)


def test_slow_talk_is_not_busy_however_long_it_goes_on(traffic, clock):
    for _ in range(10 * BUSY):
        clock.now += WITHIN_S / (BUSY - 2)
        traffic.passed(1)
    assert not traffic.busy(1)
