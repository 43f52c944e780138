"""Solvers behind one contract: `evdsl.solver.backend.Backend`. Another one comes in by an entry point."""
