"""Who is at which port, and when, in text and in a document."""

from __future__ import annotations

import evdsl
from evdsl.report.run.document import document
from evdsl.report.run.text import text

SITE = """
station hub {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
    zone    = "Europe/Rome"
}
grid {
    price = 0.20 EUR/kWh
}
port fast {
    count = 1
    power = 10 kW
}
class car {
    battery = 40 kWh
    charge  = 10 kW
}
vehicle first of car {
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
trip out of first {
    departure = 01:30
    arrival   = 03:00
    used      = 10 kWh
}
vehicle other of car {
    arrival     = 01:30
    stay        = 90 min
    soc_arrival = 50 %
    soc_target  = 75 %
}
disable partial_charging
"""


def lines(spec: str, width: int = 100) -> list[str]:
    result = evdsl.compile(evdsl.loads(spec)).run("highs")
    assert result.status is evdsl.Status.OPTIMAL
    return [" ".join(line.split()) for line in text(result, width=width).splitlines()]


def test_a_port_is_told_with_who_is_at_it_from_when_until_when() -> None:
    told = lines(f"{SITE}minimize delay\n")
    assert "fast.1 first 00:00 to 01:30, other 01:30 to 03:00, first 03:00 to 04:00" in told


def test_where_one_is_alone_or_stays_throughout_there_is_no_such_line() -> None:
    alone = SITE[: SITE.index("vehicle other")] + "minimize delay\n"
    assert not any(line.startswith("fast.1") for line in lines(alone))
    without = SITE.replace(SITE[SITE.index("trip out") : SITE.index("vehicle other")], "")
    without = without.replace("stay        = 4 h", "stay        = 1 h")
    assert not any(line.startswith("fast.1") for line in lines(f"{without}minimize delay\n"))


def test_a_document_has_the_port_of_each_stay_with_its_times() -> None:
    result = evdsl.compile(evdsl.loads(f"{SITE}minimize delay\n")).run("highs")
    first, then = document(result)["vehicles"]
    times = [(one["port"], one["begin"][11:16], one["end"][11:16]) for one in first["occupied"]]
    assert times == [("fast.1", "00:00", "01:30"), ("fast.1", "03:00", "04:00")]
    assert [stay["occupied"] for stay in first["stays"]] == [[one] for one in first["occupied"]]
    assert then["occupied"][0]["end"] == "2024-03-12T03:00:00+01:00"


def test_with_a_queue_a_port_is_had_for_a_part_of_the_stay() -> None:
    site = SITE.replace("stay        = 90 min", "stay        = 150 min")
    site = site.replace("departure = 01:30", "departure = 01:00")
    site = site.replace("arrival   = 03:00", "arrival   = 03:30")
    goal = "enable queue\nminimize waiting_time\nthen minimize delay\n"
    told = lines(f"{site}{goal}")
    (port,) = [line for line in told if line.startswith("fast.1")]
    assert port.startswith("fast.1 first 00:00 to 01:00, other 01:30 to")
    assert "waiting nobody" in told


def test_how_long_drivers_wait_is_told_as_the_word_counts_it() -> None:
    """The first needs 20 kWh, two hours of the port; the other comes half an hour before it is free."""
    site = SITE.replace(SITE[SITE.index("trip out") : SITE.index("vehicle other")], "")
    site = site.replace("soc_target  = 50 %", "soc_target  = 100 %")
    goal = "enable queue\nminimize delay\nthen minimize waiting_time\n"
    result = evdsl.compile(evdsl.loads(f"{site}{goal}")).run("highs")
    assert result.terms["waiting_time"] == 0.5
    assert "waiting 30 min in all, 1 of 2 vehicles, 30 min at most" in lines(f"{site}{goal}")


def test_only_the_first_ports_are_told_and_that_there_are_more() -> None:
    blocks = SITE.replace("count = 1", "count = 9")
    for number in range(7):
        blocks += (
            f"vehicle v{number} of car {{\n    arrival = 00:00\n    stay = 4 h\n    energy = 1 kWh\n}}\n"
        )
    told = lines(f"{blocks}minimize delay\n")
    assert sum(line.startswith("fast.") for line in told) == 6
    assert any(line.startswith("and ") and "more port" in line for line in told)
