"""Options of the solvers."""

from __future__ import annotations

import pytest

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
