"""The whole way, once or often: stages, lexicographic rounds, fronts, sweeps, simulations, trade-offs."""
