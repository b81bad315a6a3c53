"""The clock and its timestamps."""

from __future__ import annotations

import threading
import time

import pytest

from fakemilvus.clock import Clock, ManualClock, compose, physical_ms


def test_timestamps_never_repeat():
    """Timestamps taken by several threads at once are all different, and each thread's grow."""
    clock, taken = Clock(), [[] for _ in range(4)]

    def take(into):
        into.extend(clock.timestamp() for _ in range(2_000))

    threads = [threading.Thread(target=take, args=(into,)) for into in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({stamp for into in taken for stamp in into}) == 8_000
    assert all(into == sorted(into) for into in taken)


def test_a_range_of_timestamps_is_ones_own():
    """A range that was taken is followed by larger timestamps only."""
    clock = Clock()
    first = clock.timestamp(1_000_000)
    assert clock.timestamp() >= first + 1_000_000


def test_timestamps_never_go_back():
    """A wall clock that is set back does not take the timestamps with it."""
    clock = Clock()
    now_ms = clock.unix_ms()
    before = clock.timestamp()
    clock.unix_ms = lambda: now_ms - 60_000
    assert clock.timestamp() > before


def test_timestamps_carry_the_time():
    """The upper bits of a timestamp are the milliseconds since the epoch."""
    clock = ManualClock()
    assert physical_ms(clock.timestamp()) == clock.unix_ms()
    assert physical_ms(compose(1_234)) == 1_234


def test_timestamps_fit_into_int64():
    """Timestamps, and so the ids made of them, are positive 64-bit integers."""
    assert 0 < Clock().timestamp() < 2**63


def test_manual_time_stands_still():
    """A manual clock starts at the system's time and moves only when it is told to."""
    clock = ManualClock()
    assert abs(clock.unix_ms() - time.time() * 1_000) < 60_000
    start_ms = clock.unix_ms()
    assert clock.now_s() == 0
    clock.advance(1.5)
    assert (clock.now_s(), clock.unix_ms() - start_ms) == (1.5, 1_500)


def test_manual_time_never_goes_back():
    """A manual clock refuses to go back."""
    with pytest.raises(ValueError, match="never goes back"):
        ManualClock().advance(-1)


def test_manual_time_still_gives_fresh_timestamps():
    """Timestamps differ while time stands still."""
    clock = ManualClock()
    assert clock.timestamp() < clock.timestamp()


def test_advancing_wakes_who_waits():
    """A thread that waits on a manual clock goes on when time has come."""
    clock, condition = ManualClock(), threading.Condition()
    woken = []

    def wait():
        with condition:
            while clock.now_s() < 5:
                clock.wait_until(condition, 5)
        woken.append(clock.now_s())

    thread = threading.Thread(target=wait)
    thread.start()
    clock.advance(3)
    clock.advance(2)
    thread.join(10)
    assert woken == [5]


def test_waiting_ends_by_itself():
    """Waiting on the system's clock ends at the moment asked for."""
    clock, condition = Clock(), threading.Condition()
    with condition:
        clock.wait_until(condition, clock.now_s() + 0.001)
        clock.wait_until(condition, clock.now_s() - 1)
