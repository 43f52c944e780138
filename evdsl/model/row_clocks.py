"""How the coordinates of rows and variables are written: local times, and names that files may hold."""

from __future__ import annotations

from datetime import timedelta

from evdsl.data.timeline import Timeline


def clock(hours: float, timeline: Timeline) -> str:
    """A local time: the date where the horizon has more than a day, the offset in a repeated hour."""
    return _forms(hours, timeline)[-1] if timeline.horizon > 24 else _forms(hours, timeline)[0]


def clock_forms(hours: float, timeline: Timeline) -> frozenset[str]:
    """All ways in which a local time may be written, with the date or without."""
    local = timeline.local(hours)
    date = f"{local:%Y-%m-%d}"
    plain = {f"{local:%H:%M}" if not local.second else f"{local:%H:%M:%S}"}
    plain |= {_forms(hours, timeline)[0]}
    return frozenset(plain | {f"{date} {form}" for form in plain})


def _forms(hours: float, timeline: Timeline) -> tuple[str, str]:
    """The clock time, and the date with it; with the offset where the clocks show it twice."""
    local = timeline.local(hours)
    form = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    first, second = (timeline.zone.utcoffset(local.replace(fold=fold)) for fold in (0, 1))
    if first != second:
        offset = local - timeline.start_utc - timedelta(seconds=round(hours * 3600, 6))
        minutes = round(offset.total_seconds() / 60)
        form += f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return form, f"{local:%Y-%m-%d} {form}"


def quoted(name: str) -> str:
    """A name of a vehicle, in quotes where it could be read as something else: files may hold any."""
    plain = name and not set(name) & set(',[]"#') and ":" not in name and name == name.strip()
    return name if plain else f'"{name}"'
