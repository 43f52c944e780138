"""Solvers behind one contract: `evdsl.backend.Backend`. Another one comes in by an entry point."""
