"""Decide: plain Python, values in, values out; no clock, no session, no request."""
