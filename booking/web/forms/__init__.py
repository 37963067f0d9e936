"""Forms turn text into values, nothing more."""
