"""Many runs of specs: every combination of settings and seeds, the optimum beside the rules in each."""
