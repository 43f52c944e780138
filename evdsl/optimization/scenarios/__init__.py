"""One plan for many scenarios: what is decided before it is known which comes, and what after."""
