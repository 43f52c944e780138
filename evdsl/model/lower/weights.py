"""What the stages weigh, in the sense of making small: the ground of the proofs about binaries."""

from __future__ import annotations

from evdsl.language.objectives import word
from evdsl.language.spec import Spec


def base_weights(spec: Spec) -> list[dict[str, float]]:
    """For each stage the weights of the words that are no sums, positive where a small value is wanted."""
    found: list[dict[str, float]] = []
    for stage in spec.stages:
        weights: dict[str, float] = {}
        for name, weight in stage.weights.items():
            declared = word(name)
            assert declared is not None
            for part, share in (declared.parts or {name: 1.0}).items():
                weights[part] = weights.get(part, 0.0) + stage.sign * weight * share
        found.append(weights)
    return found
