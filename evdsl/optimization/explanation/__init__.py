"""Why a spec cannot be met, and what each of its lines costs."""
