"""Linear programs that are networks: recognised on the matrix, solved as flows, finished exactly."""
