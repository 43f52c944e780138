"""What a stored schedule says of the devices of the site: one variable named after each, in kW.

Powers of `solar` and `wind` are what they give, of `load` and `cohort` what they take, of `storage`
what it takes less what it gives, of a `feeder` what flows into it. A storage also has its flows apart
and its energy, a cohort its counts: who is in need, and by state who is there and who charges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.verifier.violations import Findings

if TYPE_CHECKING:
    import xarray as xr

POWER = ("", "kW", ("time",))
VARIABLES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "feeder": (POWER,),
    "solar": (POWER,),
    "wind": (POWER,),
    "load": (POWER,),
    "cohort": (POWER,),
    "storage": (
        POWER,
        (".charge", "kW", ("time",)),
        (".discharge", "kW", ("time",)),
        (".energy", "kWh", ("time",)),
        (".energy_end", "kWh", ()),
    ),
}
"""The variables of each kind of device: what follows its name, the unit, the dimensions."""


def read_devices(spec: Spec, schedule: xr.Dataset, findings: Findings) -> dict[str, FloatArray]:
    """The variables of all devices by their names; those that cannot be read are left out and told."""
    arrays: dict[str, FloatArray] = {}
    for kind, variables in VARIABLES.items():
        for device in spec.of_kind(kind):
            for suffix, unit, over in variables:
                name = f"{device.name}{suffix}"
                values = _array(name, unit, over, schedule, findings)
                if values is not None:
                    arrays[name] = values
    for device in spec.of_kind("cohort"):
        last = int(device.number("classes"))
        counts = ["waiting", *(f"count.{i}" for i in range(last + 1))]
        counts += [f"charging.{i + 1}" for i in range(last)]
        for name in (f"{device.name}.{count}" for count in counts):
            values = _array(name, "1", ("time",), schedule, findings)
            if values is not None:
                arrays[name] = values
    return arrays


def _array(
    name: str, unit: str, over: tuple[str, ...], schedule: xr.Dataset, findings: Findings
) -> FloatArray | None:
    """A variable in floating numbers, its dimensions and unit looked at."""
    if name not in schedule.data_vars:
        findings.add("shape", f"the schedule has no `{name}`")
        return None
    variable = schedule[name]
    if variable.dims != over:
        shown = f"over ({', '.join(map(str, variable.dims))})" if variable.dims else "one number"
        wanted = f"over ({', '.join(over)})" if over else "one number"
        findings.add("shape", f"`{name}` is {shown}, and should be {wanted}")
        return None
    said = variable.attrs.get("units")
    if said != unit:
        findings.add("units", f"`{name}` is in {said or 'no unit'}, and should be in {unit}")
    if variable.dtype.kind not in "iufb":
        findings.add("shape", f"`{name}` is not made of numbers")
        return None
    return np.asarray(variable.values, dtype=float)


def check_devices_finite(arrays: dict[str, FloatArray], findings: Findings) -> None:
    """Every number of a device is finite."""
    for name, values in arrays.items():
        wrong = np.flatnonzero(~np.isfinite(values))
        flat = values.reshape(-1)[wrong]

        def tell(at: int, _who: str, when: str, name: str = name, flat: FloatArray = flat) -> str:
            return f"`{name}` is {flat[at]:g}{when and f' at {when}'}, and no finite number"

        unit = "kWh" if name.endswith((".energy", ".energy_end")) else "kW"
        size = np.full(len(wrong), np.inf)
        findings.beyond("finite", unit, size, 0.0, tell, None, wrong if values.ndim else None)
