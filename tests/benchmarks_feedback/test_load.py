"""What a load run says of its slowest moments, and whose they were."""

import os

from benchmarks.feedback.heartbeat import Heartbeat
from benchmarks.feedback.load import BATCH, RATE, WINDOW_S, flatness, parts, slowest, windows
from benchmarks.feedback.processes import resident, waited
from benchmarks.feedback.wire import Sent

A_SECOND = RATE // BATCH


def a_run(stalled: range) -> Sent:
    """Twenty seconds in which answers take 10 ms, and 3 s while the server is stalled."""
    sent = Sent()
    for number in range(20 * A_SECOND):
        planned = number / A_SECOND
        sent.statuses.append(202)
        sent.planned.append(100 + planned)
        sent.seconds.append(3.0 if int(planned) in stalled else 0.01)
    return sent


def test_a_stall_is_found_in_its_window_whatever_the_order_of_the_answers() -> None:
    sent = a_run(range(7, 8))
    order = sorted(range(len(sent.seconds)), key=lambda i: sent.planned[i] + sent.seconds[i])
    sent.planned = [sent.planned[i] for i in order]
    sent.seconds = [sent.seconds[i] for i in order]
    assert [round(p99) for _, p99 in parts(sent)] == [10, 3000, 10, 10]
    assert windows(sent)["5_s_under_100_ms"] == 0.75


def test_the_machines_own_trouble_stands_beside_the_slowest_window() -> None:
    beat = Heartbeat(began=90)
    beat.late = [(2.0, 0.9), (17.5, 0.4), (29.0, 0.9)]
    beat.syncs = [(3.0, 0.9), (14.0, 2.0), (25.0, 0.9)]
    first, second, *_ = slowest(a_run(range(7, 8)), beat, began=100)
    assert first == {
        "from_s": WINDOW_S,
        "p99_ms": 3000.0,
        "machine_late_ms": 400.0,
        "disk_sync_ms": 2000.0,
    }
    assert second["p99_ms"] == 10.0


def test_memory_is_told_by_quarter() -> None:
    found = flatness([n << 20 for n in (10, 20, 30, 40, 50, 60, 70, 80)])
    assert found == {"memory_max_mib": 80.0, "memory_by_quarter_mib": [15.0, 35.0, 55.0, 75.0]}


def test_a_process_has_memory_and_has_waited() -> None:
    assert resident(os.getpid()) > 1 << 20
    assert waited(os.getpid()) >= 0
    assert resident(2**22 + 1) == waited(2**22 + 1) == 0
