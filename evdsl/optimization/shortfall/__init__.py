"""Why a vehicle did not get all that it asked for: worked out from the schedule, assumed of nothing."""
