"""Monte Carlo: a spec with everything random drawn again and again, its policies on common draws."""
