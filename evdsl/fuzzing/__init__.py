"""Random specs from the declarations of the language, and what must hold for each of them.

`specs` and `values` are Hypothesis strategies, `variations` those around a given spec; `invariants` say what
a spec and its schedules must satisfy, `relations` what must become of the optimum when a spec is changed;
`brute` writes out all schedules of tiny sites, `exact` judges schedules in fractions;
`trial` keeps what was solved; `shrink` makes a failing spec small; `campaign` runs them all and counts.
"""
