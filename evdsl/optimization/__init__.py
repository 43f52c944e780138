"""The whole way, once or often: stages, lexicographic rounds, fronts, comparisons, sweeps, simulations, trade-offs."""
