"""What is given in formulas: how it is written in Unicode and in LaTeX, and what it is."""

from __future__ import annotations

from evdsl.model.formulas.declaration import Symbol

SYMBOLS: dict[str, Symbol] = {
    "delta": Symbol("Δ", r"\Delta", "the length of a step, h"),
    "eta_c": Symbol("η_c", r"\eta^{\mathrm{c}}", "what reaches the battery of what is charged"),
    "eta_d": Symbol("η_d", r"\eta^{\mathrm{d}}", "what reaches the port of what leaves the battery"),
    "eta_p": Symbol("η_p", r"\eta^{\mathrm{p}}", "efficiency between the site and the port"),
    "eta": Symbol("η", r"\eta", "efficiency of a storage, each way"),
    "most_c": Symbol("C", r"C", "the most that v can charge: presence · min(class, port), kW"),
    "most_d": Symbol("D", r"D", "the most that v can discharge: presence · min(class, port), kW"),
    "present": Symbol("present", r"\mathrm{present}", "the share of step t during which v is there"),
    "least": Symbol("least", r"\mathrm{least}", "the least power above zero, kW"),
    "rate": Symbol("rate", r"\mathrm{rate}", "the powers that a port allows, kW"),
    "battery_min": Symbol(
        "energy_min", r"\underline{\mathrm{energy}}", "the least energy in the battery, kWh"
    ),
    "battery_max": Symbol("energy_max", r"\overline{\mathrm{energy}}", "the most energy in the battery, kWh"),
    "initial": Symbol("energy_0", r"\mathrm{energy}^{0}", "the energy in the battery at first, kWh"),
    "falls": Symbol(
        "falls",
        r"\mathrm{falls}",
        "Δ η_c present / battery times how steeply a line of the taper falls, or 0",
    ),
    "down": Symbol("down", r"\mathrm{down}", "present / battery times how steeply a line of the taper falls"),
    "up": Symbol("up", r"\mathrm{up}", "present / battery times how steeply a line of the taper rises"),
    "curve": Symbol("curve", r"\mathrm{curve}", "present times a line of the taper at an empty battery, kW"),
    "target": Symbol("target", r"\mathrm{target}", "the energy asked for at departure, kWh"),
    "lacked": Symbol("lacked", r"\mathrm{lacked}", "what lies between energy_0 and target, at least 0, kWh"),
    "demand": Symbol("demand", r"\mathrm{demand}", "the energy asked for at the port, kWh"),
    "need": Symbol("need", r"\mathrm{need}", "the energy asked for, kWh"),
    "range": Symbol("range", r"\mathrm{range}", "energy_max less energy_min, kWh"),
    "lack_most": Symbol("lack", r"\overline{\mathrm{lack}}", "the most that a trip can lack, kWh"),
    "road_price": Symbol(
        "road_price", r"\mathrm{road\_price}", "what energy charged on the road costs: `elsewhere`"
    ),
    "priority": Symbol("priority", r"\mathrm{priority}", "how much v's dissatisfaction weighs"),
    "wear": Symbol("wear", r"\mathrm{wear}", "the cost of each energy discharged"),
    "end_value": Symbol("end_value", r"\mathrm{end\_value}", "what energy left in the battery is worth"),
    "waited": Symbol("waited", r"\mathrm{waited}", "hours from arrival to step t"),
    "left": Symbol("left", r"\mathrm{left}", "hours from step t, or from arrival, to departure"),
    "tariff": Symbol("tariff", r"\mathrm{tariff}", "what a driver pays for each energy charged"),
    "reward": Symbol(
        "v2g_reward", r"\mathrm{v2g\_reward}", "what a driver is paid for each energy discharged"
    ),
    "off_bill": Symbol(
        "taken_back", r"\mathrm{taken\_back}", "the tariff of a class with `billing = net`, else 0"
    ),
    "import_max": Symbol("import_limit", r"\overline{\mathrm{import}}", "the most that may be imported, kW"),
    "export_max": Symbol("export_limit", r"\overline{\mathrm{export}}", "the most that may be exported, kW"),
    "site_in": Symbol("import_most", r"M^{\mathrm{in}}", "import_limit, or all that the site could take, kW"),
    "site_out": Symbol("export_most", r"M^{\mathrm{out}}", "export_limit, or all that it could give, kW"),
    "worth": Symbol("worth", r"\mathrm{worth}", "`feed_in` where the grid has one, else `price`"),
    "sum_t": Symbol("Σ_t", r"\sum_{t}", ""),
    "sum_s": Symbol("Σ_s", r"\sum_{s}", ""),
    "sum_v": Symbol("Σ_v", r"\sum_{v}", ""),
    "price": Symbol("price", r"\mathrm{price}", "of imported energy"),
    "feed_in": Symbol("feed_in", r"\mathrm{feed\_in}", "what exported energy earns"),
    "carbon": Symbol("carbon", r"\mathrm{carbon}", "the emissions of imported energy"),
    "export_carbon": Symbol(
        "export_carbon", r"\mathrm{export\_carbon}", "the emissions that exported energy spares"
    ),
    "demand_charge": Symbol("demand_charge", r"\mathrm{demand\_charge}", "the price of the peak"),
    "per_kw": Symbol("per_kW", r"\mathrm{per\_kW}", "the price of a demand charge in a period"),
    "mean": Symbol("mean", r"\mathrm{mean}", "the share of step t in the metered time of interval i"),
    "reached": Symbol("reached", r"\mathrm{reached}", "what was paid for before, in the first period, kW"),
    "inside": Symbol("inside", r"\mathrm{inside}", "the share of step t that lies in a call"),
    "call_most": Symbol("most", r"\mathrm{most}", "the limit of an event, or its baseline less asked, kW"),
    "baseline": Symbol("baseline", r"\mathrm{baseline}", "what would be drawn without a call, kW"),
    "asked": Symbol("asked", r"\mathrm{asked}", "`reduce`, but no more than the baseline, kW"),
    "penalty": Symbol("penalty", r"\mathrm{penalty}", "what energy drawn above the most of a call costs"),
    "call_reward": Symbol("reward", r"\mathrm{reward}", "what energy that is not drawn in a call earns"),
    "load": Symbol("load", r"\mathrm{load}", "what blocks of `load` at the same place take, kW"),
    "available": Symbol("available", r"\mathrm{available}", "the generation that is there, kW"),
    "there_most": Symbol("there", r"\overline{\mathrm{there}}", "the most vehicles that can be there"),
    "counted_most": Symbol(
        "counted", r"\overline{\mathrm{counted}}", "the most that those who can be there could count for, kWh"
    ),
    "stay": Symbol("stay", r"\mathrm{stay}", "the share of a state that does not leave in a step"),
    "arrivals": Symbol(
        "arrivals", r"\mathrm{arrivals}", "vehicles that come in a step, and at first those there"
    ),
    "at_first": Symbol("at_first", r"\mathrm{at\_first}", "vehicles that are there when the horizon begins"),
    "each": Symbol("each", r"\mathrm{each}", "what each charging vehicle of a cohort takes, kW"),
    "excess": Symbol("excess", r"\mathrm{excess}", "the most that v can take over what it needs, less 1"),
    "k": Symbol("k", "k", "what the row is multiplied by: need, but at least 1 kWh"),
    "limit": Symbol("limit", r"\mathrm{limit}", "of a feeder, kW"),
    "phase_limit": Symbol("phase_limit", r"\mathrm{phase\_limit}", "of a phase, A; without it, none"),
    "unbalance_limit": Symbol(
        "unbalance_limit", r"\mathrm{unbalance\_limit}", "by how much two phases may differ, A"
    ),
    "volts": Symbol("V", "V", "the voltage of the station, kW for each ampere"),
    "spread": Symbol("spread", r"\mathrm{spread}", "the share of a power that is on the phase of the row"),
    "power": Symbol("power", r"\mathrm{power}", "the largest power of a storage, kW"),
    "soc_final": Symbol("soc_final", r"\mathrm{soc\_final}", "the least state of charge at the end"),
    "soc_start": Symbol("soc_initial", r"\mathrm{soc\_initial}", "the state of charge at the start"),
    "soc_min": Symbol("soc_min", r"\underline{\mathrm{soc}}", "the least state of charge of a storage"),
    "soc_max": Symbol("soc_max", r"\overline{\mathrm{soc}}", "the most"),
    "profile": Symbol("profile", r"\mathrm{profile}", "the share of its peak that a generator could give"),
    "start_least": Symbol(
        "soc_initial_min", r"\underline{\mathrm{soc\_initial}}", "the least state of charge at the start"
    ),
    "start_most": Symbol("soc_initial_max", r"\overline{\mathrm{soc\_initial}}", "the most at the start"),
    "initial_price": Symbol(
        "initial_price", r"\mathrm{initial\_price}", "what the energy at the start costs"
    ),
    "soc_most": Symbol("soc_final_max", r"\overline{\mathrm{soc\_final}}", "the most at the end"),
    "kept": Symbol("kept", r"\mathrm{kept}", "the share that has not leaked after a step"),
    "capacity": Symbol("capacity", r"\mathrm{capacity}", "the energy that a storage holds, kWh"),
    "size_least": Symbol("size_min", r"\underline{\mathrm{size}}", "the low end of what may be chosen"),
    "size_most": Symbol("size_max", r"\overline{\mathrm{size}}", "the high end of it"),
    "counts_for": Symbol("d", "d", "the energy that a vehicle in need counts for, kWh"),
    "count": Symbol("count", r"\mathrm{count}", "how many ports there are"),
}
