"""What is typed for a mistake whose help leaves a choice to its user: a number, a name, an aim.

By the name of the mistake, the lines that stand for its `+` lines; where two are named in the help, after the
first of them.
"""

from __future__ import annotations

BY_HAND = {
    # What is compared, and in which unit, is for the user to say.
    "a power to choose whose ends are of two kinds": "storage box {\n    capacity = 10 kWh\n"
    "    power = 4 kW .. 8 kW\n}\nparam gamma",
    "a share of a capacity that is chosen": "storage box {\n    capacity = 0 kWh .. 10 kWh\n"
    "    power = 10 kW\n}\nrequire half: box.energy[t] >= 50 % * box.capacity for t in steps\nparam gamma",
    # The language is listed, and one has to choose.
    "an unknown block that nothing is near": "port ac {",
    "an unknown setting that nothing is near": "power = 22 kW\n    discharge = 11 kW",
    "an unknown toggle that nothing is near": "enable uninterrupted",
    "a unit of many parts": "0.40 EUR/kWh",
    "a constant": "minimize cost + gamma * unmet\nthen minimize peak",
    "a trip of nobody": "trip errand of day {\n    departure = 09:00\n"
    "    duration  = 1 h\n    used      = 8 kWh\n}",
    "a price on the road of vehicles without a battery": "class bike {\n    charge = 3 kW\n}\n"
    "vehicle b of bike {\n    arrival = 07:30\n    departure = 17:00\n    energy = 2 kWh\n}\nclass car {",
    "a trip of vehicles that ask for energy": "trip errand of day {\n    departure = 09:00\n"
    "    duration  = 1 h\n    used      = 8 kWh\n}",
    "a trip by the column of a file, in braces": "trip errand of day {\n    departure = 09:00\n"
    "    duration  = 1 h\n    used      = 8 kWh\n}",
    "a trip of a class that is charged up to the target": "    soc     = 10 % .. 90 %\n}\n"
    "trip errand of day {\n    departure = 09:00\n    duration  = 1 h\n    used      = 8 kWh",
    # A sketch, to be filled in.
    "what the start costs, where no storage has a price for it": "storage box {\n    capacity = 10 kWh\n"
    "    power = 10 kW\n    initial_price = 0.20 EUR/kWh\n}\nminimize initial_cost",
    "an unknown name": "power = pwr\n}\nparam pwr = 22 kW\nport other {\n    count = 1\n    power = 11 kW",
    "an unknown argument": "normal(08:15, 45 min)",
    "too many arguments": "normal(08:15, 45 min)",
    "a missing argument": "normal(08:15, 45 min)",
    "no class": "vehicle van of car",
    "no name": "port ac {",
    "a smaller of one": "energy = min(20 kWh, 5 kWh)",
    "max_energy where it is not known": "energy = 0.5 * max_energy",
    "two objectives": "minimize cost + gamma * unmet\nthen minimize peak",
    "a later stage first": "minimize cost",
    "allowing in the first stage": "gamma * unmet\nthen minimize peak allowing 5 %",
    "a feeder to meter that is not there": "feeder east {\n    limit = 40 kW\n}\ndemand_charge meter {\n"
    "    price  = 12 EUR/kW\n    feeder = east\n}",
    "a window of nothing": "demand_charge meter {\n    price  = 12 EUR/kW\n"
    "    window = [12:00 .. 18:00, 20:00 .. 22:00]\n}",
    # Days and tables by day: which of them are meant, no help can know.
    "days that are no days": "soc_target = 80 %\n    days = all",
    "a range from a name to a date": "soc_target = 80 %\n    days = tue .. fri",
    "a range with all in it": "soc_target = 80 %\n    days = [mon, tue]",
    "no day in a list": "soc_target = 80 %\n    days = [tue]",
    "a table by day that misses one": "import_limit = { wed .. mon: 50 kW, tue: 40 kW }",
    "a day that is given twice": "import_limit = { mon .. wed: 50 kW, thu: 40 kW, all: 30 kW }",
    "a date that is given twice": "import_limit = { all: 50 kW, 2024-03-10 .. 2024-03-13: 45 kW }",
    "a month that is given twice": "import_limit = { jan .. mar: 50 kW, apr .. dec: 40 kW }",
    "days and times in one table": "07:00: 0.19",
    "months and days in one table": "import_limit = { jan .. apr: { mon: 4 kW, all: 9 kW }, may: 5 kW }",
    "days inside times": "07:00: 0.19 EUR/kWh",
    "months inside days": "import_limit = { jan .. dec: { all: 50 kW } }",
    "a drawn value in a table by day": "import_limit = { all: 45 kW }",
    # A thing to take instead, of which the example is another one's.
    "a voltage in another unit": "horizon = 24 h\n    voltage = 230 V",
    "more phases than a port has": "soc = 10 % .. 90 %\n    phases = 1\n    ports = [single]\n}\n"
    "port single {\n    power = 7.4 kW\n    phases = [L1]\n}",
    "a week": "horizon = 7 d",
    "a zone that is a path": '"Europe/Rome"',
    "a sum of a power and an energy": "power = 22 kW + 1 kWh / 1 h",
    "a date that no calendar has": "start = 2024-03-12",
    "a time that no clock has": "arrival = 07:30",
    "a year of another age": "start = 2024-03-12",
    "a drawn value in a table": "0.11 EUR/kWh",
    "a table by state of charge that goes downwards": "import_limit = { 07:00: 50 kW, 08:00: 60 kW }",
    "a table by state of charge where one by clock time is taken": "import_limit = { 07:00: 50 kW }",
    "a poisson beyond counting": "energy = normal(20 kWh, 1 kWh)",
    # A number, a unit or a name of one's own.
    "an empty list of ports": "battery = 52 kWh\n    ports = [ac]",
    "no unit in a table": "0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }",
    "a power for a deviation": "normal(08:15, 45 min)",
    "two currencies": "0.11 EUR/kWh, 07:00: 0.19 EUR/kWh",
    "two currencies in one unit": "0.40 EUR/kWh",
    "another currency of the station": '"Europe/Rome"\n    currency = EUR',
    "a range with two units": "soc = 10 % .. 90 %",
    "a smaller of unlike values": "energy = min(20 kWh, 5 kWh)",
    "a rounded time of day": "energy = round(8) * 1 kWh",
    "a rounded series": "import_limit = 10 kW * 5",
    "a rounded decision": "minimize cost + 0.1 EUR * (peak / 1 kW)",
    "a drawn count of more than can be planned": "count = poisson(9000)",
    "a year in front of a stroke": "gamma = 0.40 EUR/kWh",
    "above of what is decided": "minimize cost + 0.1 EUR/kW * max(peak - 5 kW, 0 kW)",
    "above of two kinds of quantities": "energy = 20 kWh * above(3 kWh, 2 kWh)",
    "a choice of unlike values": "energy = choice([20 kWh, 5 kWh])",
    "a number too large to read": "power = 22 kW",
    "a number too large to compute": "power = 22 kW * 1",
    "a division by zero": "power = 22 kW / 1",
    "a division by no time": "power = 22 kWh / 1 h",
    "a negative deviation": "normal(08:15, 45 min)",
    "a lognormal around zero": "lognormal(8 h, 1 h)",
    "a negative beta": "beta(2, 5)",
    "a negative poisson": "energy = poisson(3) * 1 kWh",
    "a distribution of monstrous width": "normal(8 h, 1 h)",
    "a thousand million steps": "horizon = 24 h",
    "steps of nothing": "step = 15 min",
    "a horizon of centuries": "horizon = 7 d",
    "a horizon of decades in few steps": "horizon = 7 d\n    step = 1 h",
    # The van of the spec comes at 07:30, so that so short a horizon needs another one too.
    "a horizon of half a step": "horizon = 24 h",
    "a departure on an earlier day": "departure = 17:00",
    "weights beyond numbers": "gamma * unmet",
    "a word of the language defined": "param fee = 3\nparam gamma",
    "a word of a later version defined": "let gain = 3\nparam gamma",
    "two vehicles of one name": "vehicle van of car",
    # Lines to move, to leave out or to put in order.
    "an argument given twice": "normal(08:15, 45 min)",
    "a setting outside a block": "param gamma = 0.40 EUR/kWh",
    "a statement inside a block": "charge  = 11 kW\n}\nenable v2g\nclass truck {\n    charge = 50 kW",
    "a table out of order": "06:00: 0.19 EUR/kWh, 07:00: 0.11 EUR/kWh",
    "a table beyond the day": "23:00: 0.19",
    "a list in a list": "choice([08:15])",
    "a param of itself": "param gamma = 0.40 EUR/kWh",
    "two of each other": "param gamma = 0.40 EUR/kWh\nlet delta = gamma",
    "three in a ring": "param gamma = 0.40 EUR/kWh\nlet x = 1\nlet y = x\nlet z = y",
    # An aim to be put in another way.
    "a product of two words": "gamma * unmet + 2 EUR/kW * peak",
    "a division by a word": "gamma * unmet + 2 EUR/kW * peak",
    "a text": "minimize cost + gamma * unmet\nthen minimize cost",
    "a max_energy": "gamma * delivered[van] + gamma * unmet",
    "a smaller of a decision": "gamma * max(unmet, 3 kWh)",
    "a larger of steps made large": (
        "minimize cost + gamma * unmet\nthen maximize min(t in steps: import[t])"
    ),
    "a smallest inside a largest": "minimize cost + gamma * unmet\nthen minimize max(1 kW + peak, 0 kW)",
    "a product of decisions at steps": (
        "minimize cost + gamma * unmet\nthen minimize 2 * sum(t in steps: import[t])"
    ),
    "a requirement that compares a power with an energy": (
        "minimize cost + gamma * unmet\nrequire cap: import[t] <= 40 kW for t in steps"
    ),
    "a requirement on the wrong side of a largest value": (
        "minimize cost + gamma * unmet\nrequire cap: min(t in steps: import[t]) >= 40 kW"
    ),
    "a requirement that multiplies decisions": (
        "minimize cost + gamma * unmet\nrequire cap: import[t] * 2 <= 40 kW for t in steps"
    ),
    "a requirement that never holds": (
        "minimize cost + gamma * unmet\nrequire cap: import[t] <= 30 kW for t in steps"
    ),
    # A share, a unit or a series of one's own.
    "a deviation below zero": "price = noisy(0.20 EUR/kWh, deviation=20 %, memory=3 h)",
    "a floor in another unit": "price = noisy(0.20 EUR/kWh, deviation=20 %, memory=3 h, floor=0 EUR/kWh)",
    "an error without a deviation": "price = noisy(0.20 EUR/kWh, deviation=20 %, memory=3 h)",
    "an error of a distribution": "price = noisy(0.20 EUR/kWh, deviation=20 %, memory=3 h)",
}
PAST_DAYS = "past days and covariances are in files, which a text without a folder does not have"

ELSEWHERE = {
    "a fleet from a file": "`sessions` read a file, which a text without a folder does not have",
    "a column without a file": "`sessions` read a file, which a text without a folder does not have",
    "a history that is a number": PAST_DAYS,
    "a history that is a table": PAST_DAYS,
    "a normal series of nothing": PAST_DAYS,
    "a normal series of a mean alone": PAST_DAYS,
    "a covariance that is a number": PAST_DAYS,
    "a key of a given covariance": PAST_DAYS,
}
"""What is typed lies outside of the lines, with why; the page of its code has it (`## Right`)."""
