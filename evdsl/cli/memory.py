"""The memory that a command may take: what is free in the machine and in its control group, as a limit."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from evdsl.cli.arguments import LEAST

SHARE = 0.9
"""Of the free memory."""
GROUPS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)
"""Limit and use of a control group, and what of the use is files that the system gives back, in the second
version of control groups and in the first."""


def free_memory() -> int | None:
    """Nine tenths of the memory that is free, in the machine and in the control group."""
    known = [_of_machine(), _of_group()]
    free = [each for each in known if each is not None]
    return max(int(SHARE * min(free)), LEAST) if free else None


def limit_memory(limit: int) -> None:
    """Lets this process take that many bytes for its data; what the system refuses is left as it is."""
    import resource

    with suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        within = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (within, hard))


def _of_machine() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _of_group() -> int | None:
    """What a container may still take; a limit above 2^60 is none."""
    for group in _groups():
        for most, used, stat, cached in GROUPS:
            with suppress(OSError, ValueError):
                limit = int((group / most).read_text())
                if limit < 2**60:
                    in_use = int((group / used).read_text()) - _figure(group / stat, cached)
                    return max(limit - max(in_use, 0), 0)
    return None


def _groups() -> list[Path]:
    """The control group of this process, and that at the root, which in a container is the same."""
    root = Path("/sys/fs/cgroup")
    with suppress(OSError):
        own = [line.rpartition(":")[2] for line in Path("/proc/self/cgroup").read_text().splitlines()]
        return [*(root / each.lstrip("/") for each in own), root]
    return [root]


def _figure(path: Path, name: str) -> int:
    """A figure of a file of names and figures; 0 where it has none."""
    with suppress(OSError, ValueError):
        return int(dict(line.split(" ", 1) for line in path.read_text().splitlines()).get(name, "0"))
    return 0
