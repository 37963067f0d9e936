"""The words of wishes in French and in English, what each of them means, and the idle words.

Phrases stand in rows, parted by bars; they are compared without case, accents, hyphens and
plurals. The longest phrase that fits at a place of the sentence is the one that counts.
"""

from collections.abc import Mapping
from typing import Any

from booking.rules.sentence.tokens import Words, tokens, words_of


def phrases(row: str) -> list[Words]:
    """The phrases of a row, as they are compared."""
    return [words_of(phrase) for phrase in row.split("|")]


def table(rows: Mapping[Any, str]) -> dict[Words, Any]:
    """phrase -> the key of its row. A phrase in two rows is a mistake: ValueError."""
    found: dict[Words, Any] = {}
    for key, row in rows.items():
        for phrase in phrases(row):
            if found.setdefault(phrase, key) != key:
                raise ValueError(f"{' '.join(phrase)} has two meanings")
    return found


def words(row: str) -> dict[Words, bool]:
    """A table of phrases that all mean the same."""
    return table({True: row})


KINDS = {
    "open_space": "poste | poste de travail | bureau partagé | espace partagé | espace de travail"
    " | coworking | co-working | place | desk | hot desk | shared desk | open space | workspace"
    " | espace de coworking | coworking space | poste de coworking | travailler",
    "meeting_room": "salle | salle de réunion | réunion | meeting room | meeting | room"
    " | salle de formation | training room | conference room",
    "event_hall": "grande salle | grand hall | hall | amphithéâtre | amphi | auditorium"
    " | conference hall | event hall | salle de réception | reception room | salle de spectacle",
    ("event_hall", "meeting_room"): "salle de conférence",
    "studio": "studio | plateau | plateau TV | plateau télé | TV studio | studio TV | TV set"
    " | filmer | film | tourner | tournage | studio d’enregistrement | enregistrer | podcast"
    " | webinaire | webinar",
    "showroom": "showroom | espace de démonstration | démonstration | démo | stand | îlot"
    " | îlot de démonstration | demonstration space | demonstration island | demo space",
    "machine": "machine | 3D | imprimer en 3D | imprimante 3D | impression 3D | découpeuse laser"
    " | découpe laser | fraiseuse | fraiseuse numérique | 3D printer | 3D printing | laser cutter"
    " | laser cutting | milling machine | CNC",
    "office": "bureau fermé | bureau privé | bureau individuel | bureau de passage | office"
    " | private office | closed office | drop-in office",
    # Half of France says it of a desk, the other half of a room with a door.
    ("office", "open_space"): "bureau",
    "phone_booth": "cabine | cabine téléphonique | cabine visio | phone booth | phone box"
    " | telephone booth | video booth | booth",
}
LAYOUTS = {
    "standing": "debout | cocktail | standing",
    "seated": "assis | assise | places assises | seated",
    "theatre": "théâtre | theater | conférence | en conférence | en théâtre",
    "classroom": "classe | école | en classe | salle de classe | classroom | school",
    "boardroom": "conseil | table de réunion | autour d’une table | boardroom | around a table",
    "u": "en U | U-shape | U-shaped | forme de U | in a U",
    "cabaret": "cabaret",
    "workshop": "atelier | workshop",
}
FEATURES = {
    "screen": "écran | screen | TV | télé | télévision",
    "projector": "vidéoprojecteur | vidéo-projecteur | projecteur | projector | video projector",
    "video_conferencing": "visio | visioconférence | visio-conférence | vidéoconférence"
    " | video call | video conference | video conferencing | conference call",
    "sound": "sono | sonorisation | sound | sound system",
    "microphones": "micro | mic | mics | microphone | micro HF",
    "cameras": "caméra | captation | camera | filming",
    "streaming": "streaming | live stream | livestream | diffusion en direct",
    "whiteboard": "tableau | tableau blanc | paperboard | whiteboard | flipchart",
    "wifi": "wifi | wi-fi",
    "hearing_loop": "boucle magnétique | hearing loop | induction loop",
    "kitchen": "cuisine | traiteur | kitchen | catering | caterer",
    "isolated_network": "réseau isolé | isolated network",
    "lighting": "éclairage | lighting",
    "storage": "casier | vestiaire | locker | cloakroom | storage | rangement",
}
STEP_FREE = (
    "accessible | accessibilité | PMR | accessible PMR | fauteuil roulant | en fauteuil roulant"
    " | plain-pied | de plain-pied | mobilité réduite | sans marche | wheelchair"
    " | wheelchair access | wheelchair accessible | step-free | step-free access | disabled access"
)
INSTANT = (
    "immédiat | immédiate | immédiatement | confirmation immédiate | réservation immédiate"
    " | sans validation | sans demande | instant | instantané | instantanée | instantly"
)
ANY_TIME = (
    "n’importe quand | à n’importe quelle heure | n’importe quelle heure | peu importe l’heure"
    " | any time | at any time | anytime | whenever | quand vous voulez"
)
PERIODS = {
    "morning": "matin | matinée | le matin | dans la matinée | morning | in the morning",
    "afternoon": "après-midi | l’après-midi | aprèm | afternoon | in the afternoon",
    "day": "journée | toute la journée | journée entière | journée complète | all day"
    " | all day long | the whole day | whole day | full day | une journée | un jour | 1 jour"
    " | 1 journée | à la journée | la journée | one day | 1 day | a day",
    "evening": "soir | soirée | le soir | en soirée | evening | in the evening",
    ("morning", "afternoon"): "demi-journée | une demi-journée | 1/2 journée | half day"
    " | half a day | a half day",
}
ALONE = "seul | seule | tout seul | toute seule | alone | by myself | just me | solo"
IGNORED = (
    "sur place | s’il vous plaît | s’il te plaît | plus ou moins | à peu près | au moins"
    " | at least | rendez-vous | rdv | mon équipe | il nous faut | il me faut"
)


def meanings(what: str, rows: Mapping[Any, str]) -> dict[Words, tuple[str, tuple[Any, ...]]]:
    """phrase -> (what, readings): a key that is a tuple holds several, the likeliest first."""
    return {
        phrase: (what, key if isinstance(key, tuple) else (key,))
        for phrase, key in table(rows).items()
    }


PHRASES: dict[Words, tuple[str, tuple[Any, ...]]] = {
    **meanings("kind", KINDS),
    **meanings("layout", LAYOUTS),
    **meanings("feature", FEATURES),
    **meanings("step_free", {True: STEP_FREE}),
    **meanings("instant", {True: INSTANT}),
    **meanings("any_time", {True: ANY_TIME}),
    **meanings("window", PERIODS),
    **meanings("people", {1: ALONE}),
    **meanings("ignored", {None: IGNORED}),
}
NOT = frozenset(words_of("sans without no not pas sauf except"))
"""Before a wish they turn it round: it is not read at all then, rather than read wrongly."""
THIS = words("ce | cet | cette | this")
TONIGHT = words("tonight")

NEAR = words(
    "près | proche | près de | proche de | à côté de | autour de | aux alentours de"
    " | du côté de | near | close to | next to | around"
)
IN = words("à | a | au | aux | en | chez | dans | sur | in | at | vers")
SMALL = frozenset(words_of("de du des d l la le les the of at et and à en a au aux in s"))
"""Words that a name may have or not: "le Carrefour Innovation"."""

FRENCH = frozenset(
    words_of(
        "à au aux le la les l d de du des un une et ou je j nous on il elle vous me m se mon ma"
        " mes notre nos votre veux voudrais voudrions aimerais aimerions cherche cherchons"
        " souhaite souhaitons besoin faut faudrait voudrait aurais location avec pour par dans"
        " chez sur en est sont soit sera suis serait avoir être réserver réservation louer"
        " trouver disponible libre dispo svp stp merci bonjour bonsoir salut qui que qu quel"
        " quelle y a t ce cet cette ces c n s pendant durant jusqu partir entre avant après dès"
        " vers jour date heure h créneau environ max maximum plutôt si possible peut peux pouvez"
        " lieu près proche prochain prochaine endroit quelque part"
    )
)
ENGLISH = frozenset(
    words_of(
        "the a an of and or to i we us you it is are am be me my our your want wants need needs"
        " would like d ll ve re looking look find search book reserve booking hire rent have has"
        " with for at in on by from between until till before after during please thanks thank"
        " hello hi can could there s t this that any some get available free day date time o"
        " clock about max maximum if possible place somewhere next near around"
    )
)
IN_FRENCH = FRENCH.union(
    words_of(
        "salle réunion bureau poste personne grande écran visio cabine imprimante découpeuse filmer"
        " lundi mardi mercredi jeudi vendredi samedi dimanche demain aujourd hui midi matin soir"
    )
)
IN_ENGLISH = ENGLISH.union(
    words_of(
        "room meeting desk office people screen booth printer cutter seat monday tuesday"
        " wednesday thursday friday saturday sunday tomorrow today noon morning afternoon evening"
    )
)
"""Words that tell in which language a sentence is."""
IDLE = FRENCH | ENGLISH
"""Words that mean nothing by themselves: nobody misses them when they are not understood."""


ORDINARY = frozenset(
    words_of("project projet officer counsel maintenance printed traiter sharing shall personal")
)
"""Words of nobody’s that are near to words of ours: they are no slips."""


def spellings() -> dict[str, str]:
    """Each word of a wish as it is compared -> as it is written."""
    rows = [*KINDS.values(), *LAYOUTS.values(), *FEATURES.values(), *PERIODS.values(), STEP_FREE]
    return {token.word: token.typed for row in rows for token in tokens(row)}
