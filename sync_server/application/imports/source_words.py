"""What other systems call types, states and priorities, in our words.

Only plain words are translated. `PM01` or priority `2` mean one thing here and another there: the type's word stays
with the order as it is, and state and priority are told in its description.
"""

import re
import unicodedata

DEFAULT_TYPE = "repair"

TYPES = {
    "emergency": "emergency urgent notfall emergencia urgence emergenza",
    "repair": "repair corrective breakdown fault failure replacement replace reparatur storung reparacion correctivo"
    " reparation correctif riparazione correttivo corretiva reactive",
    "inspection": "inspection inspect check audit survey calibration inspektion prufung kalibrierung inspeccion"
    " revision ispezione inspecao controle",
    "installation": "installation install commissioning montage einbau instalacion installazione instalacao",
    "maintenance": "maintenance preventive preventative service servicing scheduled routine lubrication wartung"
    " instandhaltung mantenimiento preventivo entretien preventif manutenzione manutencao",
}
"""Our type → words, one of which is enough; the first type that has one counts (corrective maintenance is a repair)."""

STATES = {
    "new": "new open opened neu offen nuevo abierto ouvert nouveau aperto nuovo aberto",
    "closed": "closed complete completed done finished resolved abgeschlossen erledigt fertig geschlossen cerrado"
    " cerrada terminado finalizado completado ferme termine cloture chiuso completato concluido fechado teco clsd",
    "cancelled": "cancelled canceled void voided storniert cancelado annule annullato",
    "rejected": "rejected declined abgelehnt rechazado rejete respinto recusado",
}
"""Our state → words, of which a status may hold no others. States in which somebody works are not taken over: nobody
here has the order yet."""

PRIORITIES = {
    "critical": "critical emergency urgent immediate highest very kritisch sehr notfall critica critico"
    " urgente urgence",
    "high": "high hoch alta alto haute eleve elevee major",
    "medium": "medium normal moderate standard mittel media medio moyenne moyen average",
    "low": "low minor lowest niedrig gering baja bajo basse bas bassa basso baixa",
}
"""Our priority → words, one of which is enough; the first counts: very high is critical, but very low is low."""


def plain_words(text: str) -> list[str]:
    """Split into accent-free small words, digits kept: `PM01` stays one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in decomposed if not unicodedata.combining(c)))


def _table(words: dict[str, str]) -> dict[str, frozenset[str]]:
    return {ours: frozenset(theirs.split()) for ours, theirs in words.items()}


TYPE_WORDS, STATE_WORDS, PRIORITY_WORDS = _table(TYPES), _table(STATES), _table(PRIORITIES)


def type_of(text: str) -> str:
    """Translate the type of an order; DEFAULT_TYPE for words that are not plain."""
    words = set(plain_words(text))
    return next((ours for ours, theirs in TYPE_WORDS.items() if words & theirs), DEFAULT_TYPE)


def state_of(text: str) -> str | None:
    """Translate a state; None when it says something that an imported order cannot be."""
    words = set(plain_words(text))
    return next((ours for ours, theirs in STATE_WORDS.items() if words and words <= theirs), None)


def priority_of(text: str) -> str | None:
    """Translate a priority; None for numbers and unknown words."""
    words = set(plain_words(text))
    found = [ours for ours, theirs in PRIORITY_WORDS.items() if words & theirs]
    return "low" if {"critical", "low"} <= set(found) else next(iter(found), None)
