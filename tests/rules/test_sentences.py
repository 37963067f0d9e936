"""What a sentence in French or English asks for, and what it leaves in doubt."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booking.rules import sentences
from booking.rules.network import KINDS, LAYOUTS
from booking.rules.sentence import words as tables
from booking.rules.sentence.tokens import tokens
from booking.rules.sentences import DOUBTS, Known, Understood, understood

KNOWN = Known(
    venues={
        "ccilab": ("CCILab", "Palais de la Bourse", "Marseille"),
        "la-coque": ("La Coque", "Marseille"),
        "chateau-des-baumes": ("Château des Baumes", "Istres"),
        "carrefour-innovation": ("Carrefour de l’innovation", "Aix-en-Provence"),
    },
    spaces={
        "ccilab/grand-hall": ("Grand hall d’exposition", "Great exhibition hall"),
        "ccilab/grand-hall-nord": ("Grand hall – moitié nord", "Great hall, north half"),
        "ccilab/salle-pytheas": ("Salle Pythéas", "Pythéas room"),
        "ccilab/salle-a": ("Salle A", "Room A"),
        "la-coque/salle-a": ("Salle A", "Room A"),
        "la-coque/agora": ("Agora", "Agora"),
        "la-coque/plateau-tv": ("Plateau TV", "TV studio"),
        "carrefour-innovation/coworking": ("Coworking", "Coworking"),
        "carrefour-innovation/imprimantes": ("Imprimante 3D FDM", "FDM 3D printer"),
        "carrefour-innovation/laser": ("Découpeuse laser CO2 60 W", "60 W CO2 laser cutter"),
    },
    periods={
        "morning": (540, 780),
        "afternoon": (780, 1080),
        "day": (540, 1080),
        "evening": (1080, 1320),
    },
)
MONDAY = date(2027, 2, 22)
TUESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in (1, 3, 4))
NINE, NOON, TWO, FOUR, SIX = (hour * 60 for hour in (9, 12, 14, 16, 18))
AIX, COQUE = "carrefour-innovation", "la-coque"


def day(text):
    return date.fromisoformat(f"2027-{text}")


def asked(text, today=MONDAY):
    """The fields that the sentence fills, the words left, and the codes of its doubts."""
    found = vars(understood(text, KNOWN, today))
    found["doubts"] = tuple(doubt.code for doubt in found["doubts"])
    nothing = vars(Understood())
    return {k: v for k, v in found.items() if k != "parts" and v != nothing[k]}


def wanted(fields):
    """Day as "03-04", times as (opens, closes), which keeps the table short."""
    short = dict(fields)
    for name in ("on", "last"):
        if isinstance(short.get(name), str):
            short[name] = day(short[name])
    for name, value in zip(("opens", "closes"), short.pop("at", ()), strict=False):
        if value is not None:
            short[name] = value
    return short


ROOM, DESK, HALL = {"kind": "meeting_room"}, {"kind": "open_space"}, {"kind": "event_hall"}
EARLY = "ends-before-it-starts"
THROUGH = {"through": True}
WHOLE = {"through": True, "doubts": ("one-or-all",)}
SENTENCES = [
    # The whole of it.
    (
        "salle pour 8 jeudi de 14h à 16h à Aix",
        {**ROOM, "people": 8, "on": THURSDAY, "at": (TWO, FOUR), "venue": AIX},
    ),
    ("filmer 6 personnes jeudi", {"kind": "studio", "people": 6, "on": THURSDAY}),
    (
        "n’importe quand mardi 2h entre 9h et 18h",
        {"on": TUESDAY, "length": 120, "at": (NINE, SIX), "flexible": True},
    ),
    (
        "Bonjour, je voudrais réserver une salle de réunion pour une dizaine de personnes le 4 mars"
        " de 9h à 12h30, avec écran et visio, à La Coque svp",
        {
            **ROOM,
            "people": 10,
            "on": "03-04",
            "at": (NINE, 750),
            "features": ("screen", "video_conferencing"),
            "venue": COQUE,
        },
    ),
    (
        "Hi, I need a meeting room for about 10 people on Thursday 4 March from 10am until noon,"
        " with a whiteboard, near Aix",
        {
            **ROOM,
            "people": 10,
            "on": "03-04",
            "at": (600, NOON),
            "features": ("whiteboard",),
            "near": AIX,
        },
    ),
    (
        "two hours any time on Tuesday or Thursday between 9 and 18",
        {
            "on": TUESDAY,
            "last": THURSDAY,
            "weekdays": (1, 3),
            "length": 120,
            "at": (NINE, SIX),
            "flexible": True,
        },
    ),
    # Kinds.
    ("hot desk tomorrow", {**DESK, "on": TUESDAY}),
    ("bureau partagé", DESK),
    ("3 postes demain", {**DESK, "people": 3, "on": TUESDAY}),
    ("bureau", {"kind": "office", "doubts": ("two-meanings",)}),
    ("un bureau dans un coworking", DESK),
    ("bureaux fermés", {"kind": "office"}),
    ("grande salle pour 200 personnes", {**HALL, "people": 200}),
    ("amphithéâtre", HALL),
    ("salle de conférence", {**HALL, "doubts": ("two-meanings",)}),
    ("conference room", ROOM),
    ("plateau TV", {"kind": "studio"}),
    ("film 6 people", {"kind": "studio", "people": 6}),
    ("îlots de démonstration", {"kind": "showroom"}),
    ("cabine téléphonique", {"kind": "phone_booth"}),
    ("machine", {"kind": "machine"}),
    ("imprimante 3D", {"kind": "machine", "space": "carrefour-innovation/imprimantes"}),
    ("laser cutter", {"kind": "machine", "space": "carrefour-innovation/laser"}),
    ("imprimer en 3D", {"kind": "machine"}),
    ("studio pour filmer", {"kind": "studio"}),
    ("salle ou studio", {**ROOM, "left": ("studio",), "doubts": ("several",)}),
    ("2 salles demain", {**ROOM, "on": TUESDAY, "left": ("2",)}),
    # Set-ups, equipment, access, confirmation.
    ("salle en U", {**ROOM, "layout": "u"}),
    ("debout, avec sono et micros", {"layout": "standing", "features": ("sound", "microphones")}),
    ("conférence avec captation", {"layout": "theatre", "features": ("cameras",)}),
    ("room with a hearing loop and wi-fi", {**ROOM, "features": ("hearing_loop", "wifi")}),
    ("salle sans écran", {**ROOM, "left": ("sans", "écran")}),
    ("a room without a projector", {**ROOM, "left": ("without", "projector")}),
    ("salle accessible en fauteuil roulant", {**ROOM, "step_free": True}),
    ("step-free room", {**ROOM, "step_free": True}),
    ("sans validation", {"instant": True}),
    # People.
    ("8 pers.", {"people": 8}),
    ("8p", {"people": 8}),
    ("seul", {"people": 1}),
    ("nous sommes 12", {"people": 12}),
    ("twenty-five people", {"people": 25}),
    ("une vingtaine", {"people": 20}),
    ("salle de 20 places", {**ROOM, "people": 20}),
    ("à deux", {"people": 2}),
    ("à 8", {"people": 8, "doubts": ("number",)}),
    ("à 8 pour 4 personnes", {"people": 4, "opens": 480, "doubts": ("number",)}),
    ("à 8 de 14h à 16h", {"people": 8, "at": (TWO, FOUR)}),
    ("salle 8 jeudi", {**ROOM, "people": 8, "on": THURSDAY, "doubts": ("number",)}),
    ("8 à 10 personnes", {"people": 10, "doubts": ("from-to-people",)}),
    ("10 000 personnes", {"people": 10_000}),
    ("0 personnes", {"left": ("0", "personnes")}),
    ("2 personnes ou 3 personnes", {"people": 2, "left": ("3 personnes",), "doubts": ("several",)}),
    # Hours.
    ("14 h 30", {"opens": 870}),
    ("at 2.30pm", {"opens": 870}),
    ("2 p.m.", {"opens": TWO}),
    ("08h", {"opens": 480}),
    ("à 2 h", {"opens": TWO, "doubts": ("half-of-day",)}),
    ("tomorrow at 2", {"on": TUESDAY, "opens": TWO, "doubts": ("half-of-day",)}),
    ("à 2h du matin", {"opens": 120}),
    ("jeudi après-midi à 5h", {"on": THURSDAY, "opens": 1020}),
    ("le soir de 8h à 10h", {"at": (1200, 1320)}),
    ("ce soir 8h à 2h du matin", {"on": MONDAY, "at": (1200, 120)}),
    ("half past two", {"opens": 870, "doubts": ("half-of-day",)}),
    ("midi et demi", {"opens": 750}),
    ("14h-16h", {"at": (TWO, FOUR)}),
    ("14 h 30 - 16 h", {"at": (870, FOUR)}),
    ("14h 30 personnes", {"opens": TWO, "people": 30}),
    ("14-16h", {"at": (TWO, FOUR)}),
    ("14:30 – 16:00", {"at": (870, FOUR)}),
    ("de 14 à 16", {"at": (TWO, FOUR)}),
    ("14-16", {"at": (TWO, FOUR), "doubts": ("number",)}),
    ("from 2 to 4pm", {"at": (TWO, FOUR)}),
    ("from 11 to 2pm", {"at": (660, TWO)}),
    ("de 2h à 4h", {"at": (TWO, FOUR), "doubts": ("half-of-day",)}),
    ("de 6h à 14h", {"at": (360, TWO)}),
    ("between 9 and 5", {"at": (NINE, 1020)}),
    ("entre midi et deux", {"at": (NOON, TWO)}),
    ("jeudi 14h 16h", {"on": THURSDAY, "at": (TWO, FOUR)}),
    ("de 20h à minuit", {"at": (1200, 1440)}),
    ("de 22h à 2h", {"at": (1320, 120)}),
    ("from 10pm to 2am", {"at": (1320, 120)}),
    ("entre 22h et 2h", {"at": (1320, 120)}),
    ("de 18h à 9h", {"at": (SIX, NINE)}),
    ("de 15h à 9h", {"at": (900, NINE), "doubts": (EARLY,)}),
    ("de 16h à 14h", {"at": (FOUR, TWO), "doubts": (EARLY,)}),
    ("entre 16h et 14h", {"at": (FOUR, TWO), "doubts": (EARLY,)}),
    ("à partir de 14h", {"opens": TWO}),
    ("avant 18h", {"closes": SIX}),
    ("à 14h ou à 16h", {"opens": TWO, "left": ("à 16h",), "doubts": ("several",)}),
    ("25h", {"length": 1500, "flexible": True}),
    ("99h", {"length": 5940, "flexible": True}),
    ("dans 2 heures", {"left": ("dans 2 heures",), "doubts": ("from-now",)}),
    # Periods of the day.
    ("jeudi matin", {"on": THURSDAY, "at": (NINE, 780)}),
    ("ce soir", {"on": MONDAY, "at": (SIX, 1320)}),
    ("toute la journée", {"at": (NINE, SIX)}),
    ("une demi-journée", {"at": (NINE, 780), "doubts": ("two-meanings",)}),
    ("half a day tomorrow afternoon", {"on": TUESDAY, "at": (780, SIX)}),
    ("le matin à 15h", {"opens": 900, "doubts": ("outside-window",)}),
    # Lengths.
    ("pendant 2h à partir de 14h", {"at": (TWO, FOUR), "length": 120}),
    ("jeudi 14h 2h", {"on": THURSDAY, "at": (TWO, FOUR), "length": 120}),
    ("2h jeudi 14h", {"on": THURSDAY, "at": (TWO, FOUR), "length": 120}),
    ("2h jeudi", {"length": 120, "on": THURSDAY, "flexible": True, "doubts": ("length-or-hour",)}),
    ("pour 8h", {"opens": 480, "doubts": ("length-or-hour",)}),
    ("réunion de 1h30 le matin", {**ROOM, "length": 90, "at": (NINE, 780), "flexible": True}),
    ("for an hour and a half at 10", {"length": 90, "at": (600, 690)}),
    ("2,5 heures", {"length": 150, "flexible": True}),
    ("après 14h pendant 2h", {"opens": TWO, "length": 120, "flexible": True}),
    ("23h pendant 3h", {"at": (1380, 120), "length": 180}),
    (
        "3h entre 9h et 11h",
        {"length": 180, "at": (NINE, 660), "flexible": True, "doubts": ("outside-window",)},
    ),
    # Days.
    ("aujourd’hui", {"on": MONDAY}),
    ("après-demain", {"on": "02-24"}),
    ("dans trois jours", {"on": THURSDAY}),
    ("lundi", {"on": "03-01", "doubts": ("today-or-in-a-week",)}),
    ("ce lundi", {"on": MONDAY}),
    ("jeudi prochain", {"on": THURSDAY, "doubts": ("this-week-or-next",)}),
    ("next Thursday", {"on": "03-04", "doubts": ("this-week-or-next",)}),
    ("jeudi en huit", {"on": "03-04"}),
    ("jeudi 4 mars", {"on": "03-04"}),
    ("jeudi à 14h, le 4 mars", {"on": "03-04", "opens": TWO}),
    ("vendredi 4 mars", {"on": "03-04", "doubts": ("other-weekday",)}),
    ("jeudi 4", {"on": "03-04", "doubts": ("number",)}),
    ("le 4", {"on": "03-04"}),
    ("1er mars", {"on": "03-01"}),
    ("March 4th, 2027", {"on": "03-04"}),
    ("the 4th of March", {"on": "03-04"}),
    ("4 mars 2020", {"on": date(2020, 3, 4), "doubts": ("past",)}),
    ("31/12/9999", {"on": date(9999, 12, 31)}),
    ("le 4/3", {"on": "03-04"}),
    ("04.03.2027 à 14h", {"on": "03-04", "opens": TWO}),
    ("2027-03-04", {"on": "03-04"}),
    ("on 3/4", {"on": "04-03", "doubts": ("day-or-month",)}),
    ("31 février", {"left": ("31 février",), "doubts": ("no-such-day",)}),
    ("29 février", {"on": date(2028, 2, 29), "doubts": ("far",)}),
    ("21 février", {"on": date(2028, 2, 21), "doubts": ("far",)}),
    # Several days.
    ("cette semaine", {"on": MONDAY, "last": "02-28"}),
    ("next week", {"on": "03-01", "last": "03-07"}),
    ("mardi la semaine prochaine", {"on": "03-02"}),
    (
        "mardi ou jeudi de la semaine prochaine",
        {"on": "03-01", "last": "03-07", "weekdays": (1, 3)},
    ),
    ("mardi ou jeudi", {"on": TUESDAY, "last": THURSDAY, "weekdays": (1, 3)}),
    ("entre mardi et jeudi", {"on": TUESDAY, "last": THURSDAY}),
    ("from Tuesday to Friday", {"on": TUESDAY, "last": FRIDAY, **WHOLE}),
    ("du 2 au 5 mars", {"on": "03-02", "last": "03-05", **WHOLE}),
    ("from 3 to 5 March", {"on": "03-03", "last": "03-05", **WHOLE}),
    ("du 3 au 5", {"on": "03-03", "last": "03-05", **WHOLE}),
    ("salle du 3 au 5 mars", {**ROOM, "on": "03-03", "last": "03-05", **WHOLE}),
    (
        "du 3 mars 14h au 5 mars 16h",
        {"on": "03-03", "last": "03-05", "at": (TWO, FOUR), **THROUGH},
    ),
    (
        "from 3 March at 2pm to 5 March at 4pm",
        {"on": "03-03", "last": "03-05", "at": (TWO, FOUR), **THROUGH},
    ),
    ("du 3 mars 22h au 4 mars 2h", {"on": "03-03", "last": "03-04", "at": (1320, 120), **THROUGH}),
    (
        "du jeudi 9h au vendredi minuit",
        {"on": THURSDAY, "last": FRIDAY, "at": (NINE, 1440), **THROUGH},
    ),
    ("du 3 au 4 mars de 22h à 2h", {"on": "03-03", "last": "03-04", "at": (1320, 120), **THROUGH}),
    (
        "du 3 au 5 mars de 14h à 16h",
        {"on": "03-03", "last": "03-05", "at": (TWO, FOUR), "doubts": ("one-or-all",)},
    ),
    (
        "2 heures du 3 au 5 mars",
        {
            "on": "03-03",
            "last": "03-05",
            "length": 120,
            "flexible": True,
            "doubts": ("length-or-hour",),
        },
    ),
    (
        "n’importe quand du 3 au 5 mars",
        {"on": "03-03", "last": "03-05", "flexible": True},
    ),
    ("du lundi 1er au vendredi 5 mars", {"on": "03-01", "last": "03-05", **WHOLE}),
    ("March 2-5", {"on": "03-02", "last": "03-05", **WHOLE}),
    ("du 28 février au 3 mars", {"on": "02-28", "last": "03-03", **WHOLE}),
    ("le 4 ou le 5 mars", {"on": "03-04", "last": "03-05"}),
    ("le 4 et le 12 mars", {"on": "03-04", "doubts": ("several",)}),
    ("du 30 au 31 février", {"left": ("du 30 au 31 février",), "doubts": ("no-such-day",)}),
    ("le week-end", {"on": "02-27", "last": "02-28"}),
    ("next weekend", {"on": "03-06", "last": "03-07", "doubts": ("this-week-or-next",)}),
    ("la semaine du 10 mars", {"on": "03-08", "last": "03-14"}),
    ("le mardi en mars", {"on": "03-01", "last": "03-31", "weekdays": (1,)}),
    ("début mars", {"on": "03-01", "last": "03-10"}),
    ("late February", {"on": MONDAY, "last": "02-28"}),
    ("en février 2027", {"on": MONDAY, "last": "02-28"}),
    ("avant vendredi", {"on": MONDAY, "last": THURSDAY}),
    ("from Tuesday", {"on": TUESDAY, "last": "03-01", "doubts": ("open-ended",)}),
    # Places.
    ("au Carrefour de l'innovation", {"venue": AIX}),
    ("CARREFOUR INNOVATION", {"venue": AIX}),
    ("Aix en Provence", {"venue": AIX}),
    ("à istres", {"venue": "chateau-des-baumes"}),
    ("à La Coque", {"venue": COQUE}),
    ("près de La Coque", {"near": COQUE}),
    ("in Marseille", {"near": "ccilab", "doubts": ("several-venues",)}),
    ("à La Coque, à Marseille", {"venue": COQUE}),
    ("à Paris", {"left": ("Paris",)}),
    ("à Marseile", {"near": "ccilab", "doubts": ("several-venues", "read-as")}),
    ("carefour de l’inovation", {"venue": AIX, "doubts": ("read-as", "read-as")}),
    ("meting room", {**ROOM, "doubts": ("read-as",)}),
    ("salle pytheas", {"space": "ccilab/salle-pytheas"}),
    ("Grand hall, moitié nord", {"space": "ccilab/grand-hall-nord"}),
    ("agora 10h-12h", {"space": "la-coque/agora", "at": (600, NOON)}),
    ("coworking à Marseille", {**DESK, "near": "ccilab", "doubts": ("several-venues",)}),
    ("salle Mistral", {**ROOM, "left": ("Mistral",), "doubts": ("no-such-space",)}),
    (
        "salle Grand Mistral demain",
        {**ROOM, "on": TUESDAY, "left": ("Grand", "Mistral"), "doubts": ("no-such-space",)},
    ),
    ("salle, Mistral", {**ROOM, "left": ("Mistral",)}),
    ("salle A", {"space": "ccilab/salle-a", "doubts": ("several-spaces",)}),
    ("salle A à La Coque", {"space": "la-coque/salle-a", "venue": COQUE}),
    # Nothing to understand.
    ("", {}),
    ("🎉🎉 !!!", {}),
    ("une licorne à poney 2026", {"left": ("licorne", "poney", "2026")}),
    (
        "salle 30 m², étage 2",
        {**ROOM, "people": 2, "left": ("30", "m²", "étage"), "doubts": ("number",)},
    ),
    ("appelez le 0491000000", {"left": ("appelez", "0491000000")}),
]


@pytest.mark.parametrize(("text", "fields"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_what_a_sentence_asks_for(text, fields):
    assert asked(text) == wanted(fields)


@pytest.mark.parametrize(
    ("today", "text", "on", "last"),
    [
        ("2026-12-31", "demain", "2027-01-01", None),
        ("2026-12-31", "jeudi prochain", "2027-01-07", None),
        ("2026-12-31", "vendredi", "2027-01-01", None),
        ("2026-12-31", "le 31", "2026-12-31", None),
        ("2026-12-31", "le 1er", "2027-01-01", None),
        ("2026-12-30", "du 31 décembre au 2 janvier", "2026-12-31", "2027-01-02"),
        ("2026-12-30", "cette semaine", "2026-12-30", "2027-01-03"),
        ("2026-12-30", "semaine 53", "2026-12-30", "2027-01-03"),
        ("2026-12-20", "semaine 53", "2026-12-28", "2027-01-03"),
        ("2027-01-01", "la semaine prochaine", "2027-01-04", "2027-01-10"),
        ("2027-01-02", "semaine 53", "2027-01-02", "2027-01-03"),
        ("2027-01-04", "semaine 53", None, None),
        ("2028-02-29", "29 février", "2028-02-29", None),
        ("2028-02-29", "29/02", "2028-02-29", None),
        ("2028-02-28", "demain", "2028-02-29", None),
        ("2028-02-29", "29/02/2029", None, None),
        ("2027-01-31", "le 31", "2027-01-31", None),
        ("2027-02-01", "le 31", "2027-03-31", None),
        ("2027-02-27", "week-end", "2027-02-27", "2027-02-28"),
        ("2027-02-28", "week-end", "2027-02-28", None),
        ("2027-02-28", "next weekend", "2027-03-06", "2027-03-07"),
        ("9999-12-31", "demain", "9999-12-31", None),
    ],
)
def test_a_day_is_seen_from_the_day_it_is_said(today, text, on, last):
    found = understood(text, KNOWN, date.fromisoformat(today))

    assert (found.on, found.last) == tuple(d and date.fromisoformat(d) for d in (on, last))


def test_parts_stand_in_the_order_of_the_sentence_with_their_words():
    found = understood("Salle pour 8 jeudi de 14h à 16h à Aix", KNOWN, MONDAY)

    assert [(part.what, part.text, part.value) for part in found.parts] == [
        ("kind", "Salle", "meeting_room"),
        ("people", "pour 8", 8),
        ("on", "jeudi", THURSDAY),
        ("from", "de 14h", TWO),
        ("to", "à 16h", FOUR),
        ("venue", "à Aix", AIX),
    ]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("à 2 h", [("from", TWO), ("from", 120)]),
        ("de 2h à 4h", [("window", (TWO, FOUR)), ("window", (120, 240))]),
        ("2h jeudi", [("length", 120), ("from", TWO)]),
        ("on 3/4", [("on", day("04-03")), ("on", day("03-04"))]),
        ("lundi", [("on", day("03-01")), ("on", MONDAY)]),
        ("next thursday", [("on", day("03-04")), ("on", THURSDAY)]),
        ("vendredi 4 mars", [("on", day("03-04")), ("on", FRIDAY)]),
        ("bureau", [("kind", "office"), ("kind", "open_space")]),
        ("à 8", [("people", 8), ("from", 480)]),
        ("jeudi 4", [("on", day("03-04")), ("from", FOUR), ("people", 4)]),
        ("in Marseille", [("near", "ccilab"), ("venue", "ccilab"), ("venue", COQUE)]),
        ("salle ou studio", [("kind", "meeting_room"), ("kind", "studio")]),
        ("meting", [("word", "meeting")]),
        (
            "du 3 au 5 mars",
            [("through", (day("03-03"), day("03-05"))), ("one_of", (day("03-03"), day("03-05")))],
        ),
        (
            "du 3 au 5 mars de 14h à 16h",
            [("days", (day("03-03"), day("03-05"))), ("through", (day("03-03"), day("03-05")))],
        ),
        (
            "lundi à jeudi",
            [("through", (day("03-01"), day("03-04"))), ("through", (MONDAY, day("03-04")))],
        ),
        ("31 février", []),
    ],
)
def test_a_doubt_tells_the_readings_the_one_taken_first(text, readings):
    (doubt,) = understood(text, KNOWN, MONDAY).doubts

    assert list(doubt.readings) == readings


@pytest.mark.parametrize("text", [text for text, fields in SENTENCES if "doubts" in fields])
def test_the_first_reading_of_a_doubt_is_the_one_taken(text):
    found = understood(text, KNOWN, MONDAY)
    taken = {(part.what, part.value) for part in found.parts}
    taken.add(("window", (found.opens, found.closes)))

    for doubt in found.doubts:
        assert not doubt.readings or doubt.code == "read-as" or doubt.readings[0] in taken


def test_a_word_like_two_others_is_not_guessed():
    two = Known({"a": ("Montfort",), "b": ("Montfert",)}, {}, {})
    found = understood("à Montfirt", two, MONDAY)

    assert (found.venue, found.left) == (None, ("Montfirt",))


@pytest.mark.parametrize("text", ["une salle de maintenance", "a project room", "we shall see"])
def test_an_ordinary_word_is_no_slip(text):
    assert "read-as" not in [doubt.code for doubt in understood(text, KNOWN, MONDAY).doubts]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("jeudi matin", (NINE, 780)),
        ("jeudi matin à La Coque", (480, NOON)),
        ("ce matin à l’Agora", (480, NOON)),
        ("demi-journée près de La Coque", (480, NOON)),
        ("jeudi après-midi à La Coque", (780, SIX)),
        ("jeudi matin à Istres", (NINE, 780)),
    ],
)
def test_a_named_period_has_the_hours_of_the_venue_that_is_meant(text, at):
    known = replace(KNOWN, own={COQUE: {"morning": (480, NOON)}})
    found = understood(text, known, MONDAY)

    assert (found.opens, found.closes) == at


def test_a_period_the_network_does_not_name_is_left():
    assert understood("jeudi soir", Known({}, {}, {}), MONDAY).left == ("soir",)


def test_a_venue_called_like_a_wish_needs_a_word_for_a_place():
    known = Known({"le-studio": ("Le Studio",)}, {}, {})

    assert understood("studio", known, MONDAY).venue is None
    assert understood("au Studio", known, MONDAY).venue == "le-studio"


def test_the_kinds_and_set_ups_are_those_of_the_network():
    kinds = {kind for key in tables.KINDS for kind in (key if isinstance(key, tuple) else (key,))}

    assert kinds == set(KINDS)
    assert set(tables.LAYOUTS) <= set(LAYOUTS)


def test_no_phrase_stands_in_two_tables():
    wishes = [tables.KINDS, tables.LAYOUTS, tables.FEATURES, tables.PERIODS]
    rows = [tables.STEP_FREE, tables.INSTANT, tables.ANY_TIME, tables.ALONE, tables.IGNORED]
    each = [*map(tables.table, wishes), *map(tables.words, rows)]

    assert sum(map(len, each)) == len(tables.PHRASES)


def test_every_doubt_has_its_code_in_the_list():
    folder = Path(sentences.__file__).parent
    files = [folder / "sentences.py", *(folder / "sentence").glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    given = set(re.findall(r'(?:doubt\(|Doubt\(|dropped\(line, piece, )\s*"([a-z-]+)"', text))
    chosen = set(re.findall(r'(?:code = |else )"([a-z]+-?[a-z]*)" if', text))

    assert given | chosen | {"several-venues", "several-spaces"} == set(DOUBTS)


def test_a_letter_is_read_to_its_300th_character():
    found = understood("salle " + "x" * 300 + " jeudi", KNOWN, MONDAY)

    assert (found.kind, found.on) == ("meeting_room", None)
    assert [doubt.code for doubt in found.doubts] == ["too-long"]


SNIPPETS = (
    "le du au de à a et ou - / : . , h 2 8 14 31 00 2027 9999 pm mars march lundi next ce half past"
    " prochain en huit semaine week pour for entre between jusqu’à until dans"
)
words = st.sampled_from([*(text for text, _ in SENTENCES), *SNIPPETS.split()])
sayings = st.lists(words, max_size=9).map(" ".join)


@given(st.one_of(st.text(max_size=400), sayings), st.dates())
@example("٣ personnes à \uff12h ﬁlmer ﷺ \u0301\ud800", MONDAY)
@example("half past " * 30, MONDAY)
def test_whatever_is_typed_is_answered_in_its_own_words(text, today):
    found = understood(text, KNOWN, today)

    shown = [part.text for part in found.parts] + [doubt.text for doubt in found.doubts]
    assert all(words in text for words in (*shown, *found.left))
    assert {doubt.code for doubt in found.doubts} <= set(DOUBTS)


@given(sayings, st.dates())
def test_every_word_is_a_part_or_left_or_idle(text, today):
    found = understood(text, KNOWN, today)
    said = " ".join([*(part.text for part in found.parts), *found.left])
    idle = tables.IDLE | {word for phrase in tables.words(tables.IGNORED) for word in phrase}

    for token in tokens(text[:300]):
        assert token.word in idle or token.typed in said


@given(sayings, st.dates(min_value=date(1970, 1, 1), max_value=date(9990, 1, 1)))
def test_the_values_are_those_a_search_can_use(text, today):
    found = understood(text, KNOWN, today)

    assert all(0 <= (minute or 0) <= 1440 for minute in (found.opens, found.closes))
    assert found.last is None or (found.on and found.on < found.last)
    assert all(number is None or number > 0 for number in (found.people, found.length))
    assert set(found.weekdays) <= set(range(7))
