"""Numbers in digits and in words, and what may stand behind one and tell what it counts."""

from booking.rules.sentence.line import Line
from booking.rules.sentence.tokens import Words
from booking.rules.sentence.words import PHRASES, table, words

NUMBERS: dict[Words, int] = table(
    {
        1: "un | une | one | a | an",
        2: "deux | two",
        3: "trois | three",
        4: "quatre | four",
        5: "cinq | five",
        6: "six",
        7: "sept | seven",
        8: "huit | eight",
        9: "neuf | nine",
        10: "dix | ten",
        11: "onze | eleven",
        12: "douze | twelve",
        13: "treize | thirteen",
        14: "quatorze | fourteen",
        15: "quinze | fifteen",
        16: "seize | sixteen",
        17: "dix-sept | seventeen",
        18: "dix-huit | eighteen",
        19: "dix-neuf | nineteen",
        20: "vingt | twenty",
        30: "trente | thirty",
        40: "quarante | forty",
        50: "cinquante | fifty",
        60: "soixante | sixty",
        80: "quatre-vingt | quatre-vingts | eighty",
        100: "cent | hundred | a hundred | one hundred",
    }
)
AND_MORE = range(20, 90)
"""Numbers that one to nineteen may follow: vingt-cinq, soixante-dix, twenty-five."""
DOZENS: dict[Words, int] = table(
    {
        10: "dizaine | une dizaine",
        12: "douzaine | une douzaine | dozen | a dozen",
        15: "quinzaine | une quinzaine",
        20: "vingtaine | une vingtaine",
        30: "trentaine | une trentaine",
        40: "quarantaine | une quarantaine",
        50: "cinquantaine | une cinquantaine",
        60: "soixantaine | une soixantaine",
        100: "centaine | une centaine",
    }
)
MONTHS: dict[Words, int] = table(
    {
        1: "janvier | janv | january | jan",
        2: "février | févr | fév | february | feb",
        3: "mars | march | mar",
        4: "avril | avr | april | apr",
        5: "mai | may",
        6: "juin | june | jun",
        7: "juillet | juil | july | jul",
        8: "août | august | aug",
        9: "septembre | sept | september | sep",
        10: "octobre | oct | october",
        11: "novembre | nov | november",
        12: "décembre | déc | december | dec",
    }
)
ORDINAL = words("er | ère | e | ème | st | nd | rd | th")
DAY = 24 * 60
UNITS: dict[Words, int] = table(
    {
        1: "min | mn | mins | minute",
        60: "h | heure | hour | hr | hrs",
        DAY: "jour | journée | day | days",
        7 * DAY: "semaine | week",
    }
)
"""Units of length, in minutes."""
HOUR = words("h | heure | o’clock | oclock")
HALVES: dict[Words, str] = table(
    {
        "am": "am | a.m | du matin | in the morning",
        "pm": "pm | p.m | de l’après-midi | du soir | in the afternoon | in the evening",
    }
)
PERSON = words(
    "personne | pers | p | people | person | pax | participant | invité | guest | attendee"
    " | collègue | colleague | convive | stagiaire | élève | étudiant | student | adulte"
    " | of us | d’entre nous | place | seat | seats"
)
EACH = words("poste | poste de travail | desk | desks | hot desk")
"""What each person takes one of: three postes are for three."""
MEASURE = words("m | m2 | m² | mètre | metre | cm | pouce | inch | euro | eur | kg | ans")
FOLLOWING = {**MEASURE, **MONTHS, **ORDINAL, **UNITS, **HOUR, **HALVES, **PERSON, **EACH}


def counted(line: Line, at: int) -> tuple[int, int] | None:
    """The number that begins there, and where it ends: 8, 10 000, huit, vingt-cinq."""
    if (number := line.number(at)) is not None:
        return grouped(line, at, number)
    hit = line.match(at, NUMBERS)
    if hit is None:
        return None
    value, end = hit
    more = line.match(end, NUMBERS) if value in AND_MORE else None
    return (value + more[0], more[1]) if more and more[0] < 20 else hit


def grouped(line: Line, at: int, number: int) -> tuple[int, int]:
    """With the three digits behind it, if they belong to it: 10 000, 10,000."""
    more = line.number(at + 1)
    fits = more is not None and len(line.word(at + 1)) == 3 and line.glue(at + 1) in ("", ",", ".")
    if more is None or not fits or not 0 < number < 1000:
        return number, at + 1
    return number * 1000 + more, at + 2


def bare(line: Line, end: int) -> bool:
    """Whether the number that ended there stands alone: no unit, no month, no second number."""
    if line.match(end, FOLLOWING):
        return False
    if line.number(end) is not None and line.glue(end) in ("/", ":", "-"):
        return False
    # "2 salles", "3 micros": it counts things, and how many of them is not asked here.
    hit = line.match(end, PHRASES)
    several = line.typed(end, end + 1)[-1:].lower() in ("s", "x") if hit else False
    return not (hit and hit[0][0] in ("kind", "feature") and several)
