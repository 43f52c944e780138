"""The backends that are installed."""

from __future__ import annotations

import pytest

from evdsl.solver.discovery import installed_backends

BACKENDS = [pytest.param(backend, id=name) for name, backend in installed_backends().items()]
