"""The whole way, once or often: stages, lexicographic rounds, fronts, comparisons, trade-offs."""
