"""The run by which a network is solved: integers, a flow, and from its bounds the exact vertex."""

from __future__ import annotations

import threading

from evdsl.model.matrix import ModelMatrix
from evdsl.solver.network.arcs import Network, network_of
from evdsl.solver.network.circles import without_circles
from evdsl.solver.network.integers import integers_of, sides_of
from evdsl.solver.network.ortools_process import flows, is_installed
from evdsl.solver.network.vertex import vertex_of
from evdsl.solver.run import RawSolution, Request, Termination
from evdsl.solver.supervise import run_supervised

NETWORK = "network"
"""The name of this way, in reports and for `--without`."""

WORTHWHILE = 50_000
"""Columns from which on a process of its own is worth its start: half a second of the usual algorithm."""


def large_network(matrix: ModelMatrix) -> Network | None:
    """The network that a program is, where it is large enough to be solved as one, and OR-Tools is there."""
    if len(matrix.cost) < WORTHWHILE or not is_installed():
        return None
    return network_of(matrix)


def solve_network(network: Network, request: Request) -> RawSolution:
    """A vertex with its multipliers, to be proven by the caller; `FAILED` where the flow says nothing."""
    stopping = threading.Event()
    return run_supervised(
        lambda: _solved(network, request, stopping),
        stop=stopping.set,
        notify=request.notify,
        interrupted=request.interrupted,
    )


def _solved(network: Network, request: Request, stopping: threading.Event) -> RawSolution:
    failed = RawSolution(Termination.FAILED, "the program was no flow that OR-Tools could find")
    asked = integers_of(network, request.seed)
    if asked is None:
        return failed
    try:
        flow = flows(asked, request.time_limit, stopping.is_set)
    except OSError as problem:
        return RawSolution(Termination.FAILED, f"no process could be started for OR-Tools ({problem})")
    if stopping.is_set():
        return RawSolution(Termination.LIMIT, "the flow was interrupted")
    flow = None if flow is None else without_circles(asked, flow)
    vertex = None if flow is None else vertex_of(network, *sides_of(network, asked, flow))
    if vertex is None:
        return failed
    message = "a minimum-cost flow found an optimum"
    return RawSolution(
        Termination.OPTIMAL, message, network.point(vertex[0]), duals=network.row_duals(vertex[1])
    )
