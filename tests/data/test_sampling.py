"""Scenarios draw anew what is random, each from streams of its own, and nothing else."""

from dataclasses import replace

import numpy as np

import evdsl
from evdsl.data.draws import Sampling, Stream
from evdsl.data.load import load_data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec

SITE = """station s {
  start = 2024-03-12
  horizon = 10 h
  step = 1 h
  seed = 7
}
grid {
  import_limit = 50 kW
  price = 0.20 EUR/kWh
}
port ac {
  count = 3
  power = 10 kW
}
class car {
  battery = 40 kWh
  charge = 10 kW
}
fleet some of car {
  count = 3
  arrival = uniform(00:00, 04:00)
  stay = 5 h
  energy = 10 kWh
}
minimize cost
"""


def arrivals(spec: Spec) -> FloatArray:
    data, found = load_data(spec)
    assert data is not None, found
    return data.vehicles.begin


def test_a_spec_as_it_stands_draws_what_its_seed_alone_says() -> None:
    plain = Stream(Sampling(7), "some", "arrival").generator(1).uniform(0, 4, 3)
    assert Sampling(7).key == "7"
    assert np.array_equal(arrivals(evdsl.loads(SITE)), plain)


def test_each_scenario_draws_anew_and_the_same_each_time() -> None:
    spec = evdsl.loads(SITE)
    drawn = [arrivals(replace(spec, scenario=number)) for number in (0, 1, 2, 1)]
    assert np.array_equal(drawn[1], drawn[3])
    assert not np.isin(drawn[1], drawn[0]).any()
    assert not np.isin(drawn[2], drawn[1]).any()


def test_a_scenario_is_not_the_draw_of_another_seed() -> None:
    keys = {Sampling(seed, scenario).key for seed in range(30) for scenario in range(30)}
    assert len(keys) == 900
