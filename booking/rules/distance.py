"""How far two venues lie apart."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0
Place = tuple[float | None, float | None]


def kilometres(here: Place, there: Place) -> float | None:
    """Great-circle distance of two (latitude, longitude) in degrees; None if one is unknown."""
    if None in (*here, *there):
        return None
    lat1, lon1, lat2, lon2 = (radians(float(x)) for x in (*here, *there))  # type: ignore[arg-type]
    a = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(a))
