"""What a period would cost: a hint, never an invoice."""

from datetime import timedelta

HALF_DAY = timedelta(hours=4)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def hint(
    hourly: int | None, half_day: int | None, whole_day: int | None, length: timedelta
) -> int | None:
    """The cheapest way to pay for `length`, in cents excluding VAT, of one unit.

    By the hour; as one half-day, up to four hours; as days, each begun one counted. None where
    no price covers it.
    """
    offers = []
    if hourly is not None:
        offers.append(round(hourly * (length / HOUR)))
    if half_day is not None and length <= HALF_DAY:
        offers.append(half_day)
    if whole_day is not None:
        offers.append(whole_day * -(-length // DAY))
    return min(offers, default=None)
