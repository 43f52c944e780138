"""A minimum-cost flow in integers by OR-Tools: the program of a process of its own, and the call of it.

`python -P ortools_process.py` reads the numbers of nodes and arcs (int64), tails and heads (int32),
capacities, costs and supplies (int64), and writes the flows (int64), or nothing where there is no flow.
OR-Tools and highspy cannot be in one process, in either order, since both bring a library named HiGHS. The
package is not imported here. The algorithm is the cost scaling of A. Goldberg and R. Tarjan (1990).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

POLL = 0.02
"""Seconds between two looks at whether the caller wants it to stop."""


def is_installed() -> bool:
    """Whether OR-Tools is there, without loading it."""
    return find_spec("ortools") is not None


def flows(asked: Any, seconds: float, stopped: Callable[[], bool]) -> Any:
    """The flow of each arc of an `IntegerNetwork`; `None` where there is none, or no time is left for one.

    `stopped` is asked meanwhile whether it is still wanted.
    Raises `OSError` where no process can be started.
    """
    deadline = time.perf_counter() + seconds
    command = [sys.executable, "-P", __file__]
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        np.array([len(asked.supply), len(asked.tail)], dtype=np.int64).tofile(question)
        for ends in (asked.tail, asked.head):
            np.ascontiguousarray(ends, dtype=np.int32).tofile(question)
        for numbers in (asked.capacity, asked.cost, asked.supply):
            np.ascontiguousarray(numbers, dtype=np.int64).tofile(question)
        question.seek(0)
        process = subprocess.Popen(command, stdin=question, stdout=answer, stderr=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                if stopped() or time.perf_counter() > deadline:
                    return None
                try:
                    process.wait(POLL)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        answer.seek(0)
        found = np.fromfile(answer, dtype=np.int64)
    return found if process.returncode == 0 and len(found) == len(asked.tail) else None


def _answer() -> None:
    from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped,unused-ignore]  # optional

    read = sys.stdin.buffer
    nodes, arcs = np.frombuffer(read.read(16), dtype=np.int64)
    ends = [np.frombuffer(read.read(4 * int(arcs)), dtype=np.int32) for _ in range(2)]
    capacity, cost = (np.frombuffer(read.read(8 * int(arcs)), dtype=np.int64) for _ in range(2))
    supply = np.frombuffer(read.read(8 * int(nodes)), dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(*ends, capacity, cost)
    solver.set_nodes_supplies(np.arange(nodes, dtype=np.int32), supply)
    if solver.solve() == solver.OPTIMAL:
        flow = solver.flows(np.arange(arcs, dtype=np.int32))
        sys.stdout.buffer.write(np.ascontiguousarray(flow, dtype=np.int64).tobytes())


if __name__ == "__main__":
    _answer()
