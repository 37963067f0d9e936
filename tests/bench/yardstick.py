"""What this machine takes at this moment for things that never change.

Figures of two days, or of two machines, can be compared by them.
"""

import time
from statistics import median

from flask import Flask, render_template_string, request
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool
from wtforms import Form, IntegerField, SelectField, StringField

TIMES, PAGES, ROWS, STATEMENTS = 5, 60, 120, 5
ROW = Table(
    "row",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(40)),
    Column("place", Integer),
)
PAGE = """<!doctype html><title>{{ form.text.data }}</title>
{% macro card(row) %}
  <li class="card">
    <h2><a href="{{ url_for("page", place=row.place) }}">{{ row.name }}</a></h2>
    <p>{{ row.place }} · {{ row.name|upper }}</p>
  </li>
{% endmacro %}
<form>{% for field in form %}<p>{{ field.label }} {{ field }}</p>{% endfor %}</form>
{% for rows in found %}<ul>{% for row in rows %}{{ card(row) }}{% endfor %}</ul>{% endfor %}"""


class Asked(Form):
    text = StringField("What")
    count = IntegerField("How many")
    place = SelectField("Where", choices=[(str(n), f"Place {n}") for n in range(12)])


def numbers() -> float:
    """Milliseconds for a loop that fits the processor's first cache."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        sum(number * number for number in range(1_000_000))
        times.append(time.process_time() - began)
    return 1000 * median(times)


def pages() -> float:
    """Milliseconds for a page made by the libraries that ours are made by, of no code of ours: like
    ours it is slower where neighbours use up the caches."""
    client, times = application().test_client(), []
    for _ in range(TIMES + 1):
        began = time.process_time()
        for number in range(PAGES):
            client.get(f"/places/{number % 12}?text=word&count={number}&place=3")
        times.append(time.process_time() - began)
    return 1000 * median(times[1:]) / PAGES


def application() -> Flask:
    """One page: a form, five statements, a list of what they bring."""
    app, engine = Flask("yardstick"), filled()

    @app.get("/places/<int:place>")
    def page(place: int) -> str:
        with engine.connect() as connection:
            asked = [select(ROW).where(ROW.c.place == place + n) for n in range(STATEMENTS)]
            found = [connection.execute(one).all() for one in asked]
        return render_template_string(PAGE, found=found, form=Asked(request.args))

    return app


def filled() -> Engine:
    """A database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    ROW.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"name": f"Row <{n}>", "place": n % 24} for n in range(ROWS)]
        connection.execute(insert(ROW), rows)
    return engine
