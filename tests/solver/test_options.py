"""Options of the solvers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import evdsl
from evdsl.solver.discovery import installed_backends
from evdsl.solver.solution import Options, Status
from evdsl.testing import CASES
from evdsl.testing.conformance.case import program


@pytest.mark.parametrize(
    ("name", "extra", "said"),
    [
        ("highs", {"presolv": "on"}, "did you mean `presolve`?"),
        ("highs", {"presolve": "perhaps"}, "does not take `perhaps`"),
        ("highs", {"mip_max_nodes": "many"}, "takes a whole number, not `many`"),
        ("highs", {"mip_heuristic_effort": "nan"}, "takes a number, not `nan`"),
        ("highs", {"mip_heuristic_effort": "7"}, "does not take `7`"),
        ("highs", {"mip_detect_symmetry": "maybe"}, "takes true or false, not `maybe`"),
        ("highs", {"log_file": "/tmp/log"}, "printed or written"),
        ("highs", {"output_flag": "true"}, "printed or written"),
        ("highs", {"objective_bound": "3"}, "scaled"),
        ("highs", {"threads": "2"}, "give the threads of the solve"),
        ("scip", {"limits/node": "3"}, "did you mean `limits/nodes`?"),
        ("scip", {"limits/nodes": "many"}, "takes a whole number, not `many`"),
        ("scip", {"limits/restarts": "-4"}, "does not take `-4`"),
        ("scip", {"lp/pricing": "zz"}, "does not take `zz`"),
        ("scip", {"display/verblevel": "5"}, "printed or written"),
        ("scip", {"limits/dual": "5"}, "scaled"),
        ("scip", {"limits/time": "2"}, "give the time limit of the solve"),
    ],
)
def test_a_wrong_option_is_a_diagnostic(name: str, extra: dict[str, str], said: str) -> None:
    backend = installed_backends()[name]
    (problem,) = backend.check_options(Options(extra=extra))
    assert problem.code == "E604"
    assert said in f"{problem.message} {problem.help}"


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("highs", {"presolve": "off", "mip_heuristic_effort": "0.1", "mip_detect_symmetry": "false"}),
        ("highs", {"solver": "ipm"}),
        ("scip", {"presolving/maxrounds": "0", "lp/pricing": "s", "separating/flowcover/freq": "-1"}),
    ],
)
@pytest.mark.parametrize("integer", [False, True])
def test_a_right_option_is_taken(name: str, extra: dict[str, str], integer: bool) -> None:
    backend, options = installed_backends()[name], Options(extra=extra)
    assert backend.check_options(options) == []
    solution = backend.solve(program([1, 2], [([3, 2], ">=", 5)], upper=4, integer=integer), options)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(2.0 if integer else 5 / 3)


@pytest.mark.parametrize(
    ("name", "extra"), [("highs", {"mip_max_nodes": "0"}), ("scip", {"limits/nodes": "1"})]
)
def test_a_limit_of_the_search_is_no_optimum(name: str, extra: dict[str, str]) -> None:
    model = next(case for case in CASES if case.name == "a listener may interrupt").build()
    solution = installed_backends()[name].solve(model, Options(extra=extra))
    assert solution.status in (Status.FEASIBLE, Status.STOPPED)
    assert "limit" in solution.message


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gap": None}, "`gap` of the options is None"),
        ({"gap": 1.0}, "`gap` of the options is 1.0"),
        ({"gap": -1e-9}, "`gap` of the options is -1e-09"),
        ({"gap": float("nan")}, "`gap` of the options is nan"),
        ({"gap": True}, "`gap` of the options is True"),
        ({"gap": "1%"}, "`gap` of the options is '1%'"),
        ({"time_limit": 0}, "`time_limit` of the options is 0"),
        ({"time_limit": float("inf")}, "`time_limit` of the options is inf"),
        ({"time_limit": "5"}, "`time_limit` of the options is '5'"),
        ({"threads": -1}, "`threads` of the options is -1"),
        ({"threads": 1.5}, "`threads` of the options is 1.5"),
        ({"seed": -3}, "`seed` of the options is -3"),
        ({"seed": 2**31}, "`seed` of the options is 2147483648"),
        ({"extra": None}, "`extra` of the options is None"),
        ({"extra": {"presolve": 1}}, "'presolve': 1"),
    ],
)
def test_options_from_python_are_checked_as_those_of_the_command_line(
    wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Options(**wrong)


def test_sound_options_are_taken_as_they_are() -> None:
    options = Options(np.float64(2.5), np.float32(0.0), np.int64(2), 2**31 - 1, {"presolve": "on"})
    assert (options.time_limit, options.gap, options.threads) == (2.5, 0.0, 2)


def test_an_option_that_the_solver_does_not_know_is_refused_from_python_too() -> None:
    spec = evdsl.loads("station s {\n start = 2024-01-01\n horizon = 2 h\n}\nminimize peak\n")
    with pytest.raises(ValueError, match="HiGHS has no option `presolv`: did you mean `presolve`"):
        evdsl.compile(spec).run("highs", Options(extra={"presolv": "on"}))


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 1.5}, {"seed": "7"}, {"enable": "v2g"}])
def test_what_is_said_over_a_spec_from_python_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` is "):
        evdsl.loads("minimize peak\n", **wrong)


@pytest.mark.parametrize("points", [1, 102, 3.5])
def test_a_front_has_a_whole_number_of_points(points: Any) -> None:
    spec = evdsl.loads(
        "station s {\n start = 2024-01-01\n horizon = 2 h\n}\ngrid {\n price = 0.1 EUR/kWh\n}\n"
        "pareto cost, peak\n"
    )
    with pytest.raises(ValueError, match="a front has 2 to 101 points"):
        evdsl.front(spec, points=points)
