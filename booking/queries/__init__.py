"""Find: every SELECT of the system, named after its answer."""
