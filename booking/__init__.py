"""Reservations for a network of third places. Nothing is imported here: see booking/app.py."""
