"""Who is who in the demonstration, and what they do in it."""

from dataclasses import dataclass
from datetime import timedelta

from booking.actions import visitors

MEMBER, MANAGER, ADMINISTRATOR = (
    "member@demo.example",
    "manager@demo.example",
    "admin@demo.example",
)
LOGINS = (MEMBER, MANAGER, ADMINISTRATOR)
OTHERS = "others@demo.example"
NOBODYS = "-"
"""What is kept of an account to which no password opens."""
ACT_FOR = ((MEMBER, "mistral-prototypes"), (OTHERS, "office-de-tourisme-istres"))
LEARNT = ((MEMBER, "printing"), (MEMBER, "laser"), (OTHERS, "printing"), (OTHERS, "electronics"))
"""Who acts for which organisation, and what they have learnt at the Carrefour."""
EARLIER = timedelta(days=40)
DAYS = 12


@dataclass(frozen=True)
class Habit:
    """A reservation that comes back: where, on which weekdays, from and to in minutes."""

    space: str
    weekdays: tuple[int, ...]
    opens: int
    closes: int
    people: int = 1
    title: str = ""
    activity: str | None = None


TESTIMONIES = "Tournage de trois témoignages"
HABITS = (
    Habit("ccilab/coworking", (0, 1, 2, 3, 4), 540, 1020, 7),
    Habit("ccilab/coworking", (0, 1, 3), 570, 750, 5),
    Habit("ccilab/coworking", (1, 2, 4), 840, 1050, 4),
    Habit("ccilab/salle-pytheas", (0, 2, 4), 540, 630, 6, "Point d’équipe"),
    Habit("ccilab/salle-pytheas", (1, 3), 600, 720, 8, "Rendez-vous d’affaires"),
    Habit("ccilab/salle-euthymenes", (1, 2), 840, 1020, 12, "Atelier commerce"),
    Habit("ccilab/innovation-room", (3,), 540, 720, 14, "Atelier numérique"),
    Habit("la-coque/salle-b2b", (0, 1, 2, 3, 4), 600, 720, 5, "Rendez-vous B2B"),
    Habit("la-coque/salle-b2b", (1, 3), 840, 960, 4, "Entretien"),
    Habit("la-coque/plateau-tv", (2,), 840, 1020, 5, "Webinaire", "conference"),
    Habit("la-coque/agora", (1,), 1020, 1140, 60, "Un acteur économique chaque semaine"),
    Habit("la-coque/ilots-demonstration", (0, 3), 570, 1020, 10, "Démonstrations port intelligent"),
    Habit("chateau-des-baumes/coworking-du-parc", (0, 1, 2, 3, 4), 540, 1020, 4),
    Habit("chateau-des-baumes/salle-arduin", (2, 3), 570, 690, 8, "Comité"),
    Habit("chateau-des-baumes/salle-de-reception", (4,), 840, 1020, 40, "Conférence du territoire"),
    Habit("carrefour-innovation/coworking", (0, 1, 2, 3, 4), 540, 1080, 11),
    Habit("carrefour-innovation/coworking", (1, 2, 3), 600, 900, 9),
    Habit("carrefour-innovation/salle-mentorat", (0, 1, 3), 570, 660, 3, "Mentorat à la carte"),
    Habit("carrefour-innovation/imprimante-3d", (1, 3), 600, 780, 2, "Prototype"),
)
OWN = (
    Habit("ccilab/salle-pytheas", (0, 1, 2, 3, 4), 840, 930, 6, "Comité produit"),
    Habit("carrefour-innovation/coworking", (0, 1, 2, 3, 4), 570, 750, 1),
)
ASKED = (
    Habit("la-coque/plateau-tv", (0, 1, 3, 4), 570, 720, 6, TESTIMONIES, "filming"),
    Habit("la-coque/agora", (0, 2, 3, 4), 840, 1020, 80, "Rencontre des exportateurs"),
    Habit("chateau-des-baumes/loggia", (0, 1, 2, 3, 4), 540, 720, 14, "Séminaire de rentrée"),
)

REPEATED = (
    Habit(
        "chateau-des-baumes/salle-arduin", (1, 3), 1020, 1080, 6, "Cercle des porteurs de projet"
    ),
    Habit("la-coque/plateau-tv", (4,), 900, 1020, 6, "Journal de la filière", "filming"),
)
"""Series of the member; the manager of La Coque decides on the second."""
ON_BEHALF = (
    Habit("la-coque/salle-b2b", (), 1020, 1080, 4, "Rendez-vous de filière"),
    Habit("la-coque/salle-b2b", (), 1080, 1140, 3, "Visite de la salle"),
)
"""What the member has reserved for the administrator, and the manager for the member."""


TO_CHANGE = "la-coque/plateau-tv"
WAITED_FOR = "la-coque/salle-b2b"
WORKS = "la-coque/agora", "Pose du nouvel éclairage"
CHECKED = "la-coque/salle-b2b"
JUST_ENDED = Habit("ccilab/coworking", (0, 1, 2, 3, 4), 570, 720)
"""The member's latest reservation that is over: the worker asks how it was."""
SAID = {
    "ccilab/coworking": (
        "5453 4455 5544",
        ("Un crochet pour les manteaux près des postes 1 à 4.",),
    ),
    "ccilab/salle-pytheas": ("543 4", ("L’écran s’éteint tout seul au bout de dix minutes.",)),
    "la-coque/salle-b2b": (
        "5554 4353 545",
        (
            "Indiquer l’entrée depuis l’arrêt de bus : on la cherche.",
            "Des feutres neufs pour le tableau.",
            "Rien : tout était prêt.",
        ),
    ),
    "la-coque/plateau-tv": ("54 5", ("Un retour son plus fort dans la salle.", "Parfait.")),
    "la-coque/agora": ("5", ()),
    "carrefour-innovation/coworking": ("4344 5434 5", ("Il fait froid le lundi matin.",)),
}
"""What was answered: marks, those of a month together, the latest month first; and words, of which
each stands in the latest month."""
RECEIVING = "ccilab/salle-pytheas", "la-coque/salle-b2b"
GUESTS = (
    "Cliente <cliente@visiteurs.example>, Partenaire <partenaire@visiteurs.example>,"
    " Stagiaire <stagiaire@visiteurs.example>"
)
"""Where guests come, and who they are."""
VISITED = "la-coque/agora"
VISITOR = visitors.Person(
    "Visiteur de démonstration", "visitor@demo.example", "04 00 00 00 00", "fr"
)
LATE = "Ouverture tardive\u00a0: inventaire"
