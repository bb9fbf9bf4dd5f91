"""The words by which people head the columns of a work-order list, and how strongly each word speaks for a field.

Words of maintenance, in the languages such lists come in; never the header of one certain data set. A phrase is written
with a space. A word of four letters and more also counts at the end of a longer one (`Startdatum`, `pmtype`), and one
that speaks against a field also at the beginning.
"""

import re
import unicodedata
from dataclasses import dataclass

IGNORE = "ignore"
"""What `--map` says of a column that is to be left out."""

LEAST_PART_OF_WORD = 4
SHARE_OF_OTHER_WORDS = 0.25
"""How much the words beside the strongest one add: `start date` beats `date`."""
SHARE_OF_COMPOUND = 0.9
"""A word found at the end of a longer one counts a little less than by itself."""

Words = dict[str, float]


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field of a work order that a column can fill."""

    name: str
    words: Words
    """Accent-free small letters → how strongly it speaks for the field, 1 to 6."""
    against: frozenset[str]
    """Words that rule the field out."""


def _words(**by_strength: str) -> Words:
    """Read `w4="a, b c"` as {"a": 4, "b c": 4}; `w35` is 3.5."""
    strengths = {name: float(name[1:2] + "." + (name[2:] or "0")) for name in by_strength}
    return {word.strip(): strengths[name] for name, text in by_strength.items() for word in text.split(",")}


def _against(text: str) -> frozenset[str]:
    return frozenset(text.split())


THINGS = "asset equipment equipo machine maschine anlage aircraft vehicle component part location site customer vendor"
OTHER_DATES = "due target deadline required finish finished end ended complete completed completion closed close update"
TARGET_FIELDS = (
    TargetField(
        "external_id",
        _words(
            w6="external id, work order number, workorder number, wo number, wo id, work order id, workorder id",
            w5="order number, order no, order id, order nr, ticket number, ticket id, auftragsnummer, numero de orden",
            w45="external reference, work order no, workorder no, wo no, record id, record number, notification number",
            w4="ident, identifier, ticket, meldungsnummer, ordem de servico, bon de travail",
            w35="id, uid, uuid, guid",
            w3="number, numero, nummer, nr, no, num, key, pk, reference, ref, referenz, folio, workorder, work order",
            w2="order, auftrag, code, wo",
        ),
        _against(
            f"{THINGS} tag device error fault failure cost price phone user person employee parent model serial version"
            " postal zip type date status priority description text plan item material plant cause action"
        ),
    ),
    TargetField(
        "title",
        _words(
            w5="title, short text, shorttext, short description, titel, kurztext, titulo, titre, titolo, tytul",
            w45="problem description, fault description, issue description, defect description, work description",
            w4="summary, subject, headline, problem, betreff, problema, probleme, asunto, objet, assunto, oggetto",
            w35="issue, fault, defect, complaint, discrepancy, squawk, symptom, task, storung, mangel, averia, falla,"
            " panne, guasto, bezeichnung, intitule, libelle",
            w3="description, descripcion, descricao, descrizione, omschrijving, beschreibung, opis, work requested",
            w25="failure, activity, name, text, texto, texte, testo, work, job, nom",
        ),
        _against(
            f"{THINGS} date datum fecha id code type cost price long lang langtext details status class category cause"
            " action resolution number nr mode system user person technician count"
        ),
    ),
    TargetField(
        "description",
        _words(
            w5="long text, longtext, long description, langtext, full description, detailed description",
            w4="description, descripcion, descricao, descrizione, omschrijving, beschreibung, opis, details, detail",
            w3="notes, note, text, bemerkung, bemerkungen, notiz, observations, observaciones, osservazioni, problem",
            w25="comment, comments, remark, remarks, kommentar, comentario, commentaire, symptom, issue, fault",
        ),
        _against(
            f"{THINGS} date datum fecha id code type cost price status class category action number nr short user"
        ),
    ),
    TargetField(
        "asset_code",
        _words(
            w6="asset code, asset number, asset no, asset id, asset tag, equipment number, equipment no, equipment id,"
            " equipment code, machine id, machine number, tag number",
            w5="asset, equipment, machine, equip, anlage, maschine, equipement, equipo, maquina, macchina, activo",
            w4="functional location, aircraft, vehicle, tag, device, gerat, fahrzeug, technischer platz, unit number",
            w3="installation, object, objekt, appareil, tail, registration, serial number, unit",
        ),
        _against(
            "name description type class category cost price date status manufacturer model group age count condition"
            " owner parent system text hours currency error quantity"
        ),
    ),
    TargetField(
        "type",
        _words(
            w5="work order type, workorder type, order type, work type, maintenance type, auftragsart, meldungsart",
            w4="type, typ, art, tipo, soort",
            w3="category, kategorie, categoria, categorie, kind, class, klasse",
        ),
        _against(
            f"{THINGS} failure fault error cost price priority status currency file document meter unit damage object"
            " cause contract user"
        ),
    ),
    TargetField(
        "status",
        _words(w4="status, statut, estado, stato, zustand, state, etat", w3="stage, phase"),
        _against(f"{THINGS} date user cost approval purchase warranty reason"),
    ),
    TargetField(
        "priority",
        _words(
            w4="priority, prio, prioritat, prioritaet, prioridad, priorite, priorita, prioridade, prioriteit",
            w3="urgency, dringlichkeit, urgencia, urgence, urgenza",
            w2="severity, criticality, importance",
        ),
        _against("date cost asset equipment machine"),
    ),
    TargetField(
        "cost",
        _words(
            w5="total cost, total costs, actual cost, total actual costs, gesamtkosten, total price, total amount",
            w4="cost, costs, kosten, coste, costo, custo, cout, kosztow, koszt",
            w3="amount, price, expense, expenses, betrag, preis, montant, importe, importo, prix, precio, prezzo",
        ),
        _against(
            "currency center centre centrum stelle code type date planned estimated estimate budget plan unit per"
        ),
    ),
    TargetField(
        "created_on",
        _words(
            w5="created on, created at, creation date, date created, created date, date opened, opened on, date raised",
            w4="created, opened, raised, erstellt, angelegt, erfasst, creado, cree, creato, criado, erstelldatum",
            w35="reported, reported on, report date, notification date, gemeldet, entered",
            w3="start, begin, beginn, inicio, debut, inizio, issued",
            w2="date, datum, fecha, data, datetime, timestamp, time, zeitpunkt, dato, day",
        ),
        _against(
            f"{OTHER_DATES} updated modified changed birth expiry expiration warranty running duration hours minutes by"
            " faellig fallig ende abschluss terminado fin next last zone"
        ),
    ),
    TargetField(
        "due_on",
        _words(
            w5="due, due date, due on, due by, due at, deadline, fallig, faellig, falligkeit, echeance, vencimiento",
            w4="target date, required date, required by, need by, complete by, finish by, basic finish date, scadenza",
            w3="target, required end, planned finish, scheduled finish, soll ende, endtermin, latest finish",
        ),
        _against("actual cost created start amount overdue completed closed count"),
    ),
    TargetField(
        "completion_note",
        _words(
            w5="completion note, completion notes, action taken, corrective action, work performed, work done, closing"
            " note, closing notes, resolution note, resolution notes, repair description",
            w4="action, actions, resolution, remedy, massnahme, massnahmen, abhilfe, rectification, accion, actuacion",
            w3="solution, losung, behebung, solucion, soluzione, outcome, findings",
        ),
        _against("date code type cost by required id number user status"),
    ),
    TargetField(
        "site_code",
        _words(
            w5="site code, site id, plant code, facility code, maintenance plant",
            w4="site, plant, facility, standort, werk, planta, usine, stabilimento, sitio, sede",
            w3="building, branch, campus, depot, gebaude, edificio, batiment",
        ),
        _against("type cost date address status manager section website"),
    ),
)
BY_NAME = {field.name: field for field in TARGET_FIELDS}
FIELD_NAMES = tuple(BY_NAME)


def header_words(header: str) -> list[str]:
    """Split a header into accent-free small words: `BscStartDate` → bsc start date, `Störung_Nr.` → storung nr."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    decomposed = unicodedata.normalize("NFKD", split.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.findall(r"[^\W\d_]+", plain)


def strength(field: TargetField, header: str) -> float:
    """How strongly a header speaks for a field: 0 not at all, 2 by a weak word, 4 and more plainly."""
    if is_ruled_out(field, header):
        return 0.0
    words = header_words(header)
    spaced = f" {' '.join(words)} "
    found = sorted((value for word, value in field.words.items() if f" {word} " in spaced), reverse=True)
    if not found:
        found = sorted((_compound(field, word) for word in words), reverse=True)
    return found[0] + SHARE_OF_OTHER_WORDS * sum(found[1:]) if found else 0.0


def is_ruled_out(field: TargetField, header: str) -> bool:
    """Whether a word of a header says that it is something else."""
    return any(_speaks_against(field, word) for word in header_words(header))


def _speaks_against(field: TargetField, word: str) -> bool:
    begins = any(word.startswith(each) for each in field.against if len(each) > LEAST_PART_OF_WORD)
    return begins or word in field.against or word.removesuffix("s") in field.against


def _compound(field: TargetField, word: str) -> float:
    """The strength of the longest known word that a longer word ends with."""
    ends = [each for each in field.words if len(each) >= LEAST_PART_OF_WORD and word.endswith(each.replace(" ", ""))]
    return SHARE_OF_COMPOUND * field.words[max(ends, key=len)] if ends else 0.0
