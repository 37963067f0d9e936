"""A count for each extra of a space, as fields of a form: `extra-<slug>`."""

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from booking.rules.extras import Stock
from booking.words import said

PREFIX = "extra-"
MOST = 999
"""Of what never runs out, at most so many pieces in one reservation."""
ABSURD = 1_000_000
"""No number of pieces that anybody means."""
FOREIGN = re.compile(rf"{PREFIX}[a-z0-9-]{{1,80}}")
Form = TypeVar("Form", bound=FlaskForm)


def with_extras(
    form: type[Form], offered: Mapping[str, Stock], given: Collection[str]
) -> type[Form]:
    """The form with a count for what can be had, and for what somebody asks for all the same.

    `given` are the names of the fields that were sent: rules have to see an extra of another
    place, to say that it is not here.
    """
    names = {PREFIX + slug: field_of(stock) for slug, stock in offered.items()}
    foreign = sorted(name for name in given if FOREIGN.fullmatch(name) and name not in names)
    names |= {name: field_of(Stock({"fr": name.removeprefix(PREFIX)})) for name in foreign[:20]}
    return type(form.__name__, (form,), names) if names else form


def field_of(stock: Stock) -> IntegerField:
    """From none to all there are. That there are not so many the rules say, with all the rest."""
    most = MOST if stock.pieces is None else stock.pieces
    told = gettext("At most %(most)s.", most=most)
    limit = MOST if stock.pieces is None else ABSURD
    return IntegerField(
        said(dict(stock.name)),
        default=0,
        validators=[Optional(), NumberRange(0, limit, told)],
        render_kw={"max": most},
    )


def counts_of(form: FlaskForm) -> dict[str, int]:
    """How many of each extra, by slug; not what nobody wants, nor what was written wrong."""
    return {
        name.removeprefix(PREFIX): form[name].data
        for name in form._fields
        if name.startswith(PREFIX) and form[name].data and not form[name].errors
    }


def named(counts: Mapping[str, int]) -> dict[str, str]:
    """The same as fields of the form, for links and hidden fields."""
    return {PREFIX + slug: str(count) for slug, count in counts.items()}
