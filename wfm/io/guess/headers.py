"""Which canonical column a header may mean, by the words that exports use in five languages.

A header fits a phrase if it has every word of it; case, accents and signs do not count. The phrase that
makes up most of the header decides, and each header is used once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# English, German, French, Spanish, Italian
PHRASES: dict[str, tuple[str, ...]] = {
    "queue": (
        *("queue", "queue name", "skill", "skill name", "skill group", "split", "vq", "call type", "service"),
        *(
            "warteschlange",
            "schlange",
            "hotline",
            "gruppe",
            "ring group",
            "file",
            "file d attente",
            "competence",
        ),
        *("cola", "nombre de cola", "grupo", "coda", "nome coda", "gruppo", "servizio", "servicio", "csq"),
    ),
    "offered": (
        *(
            "offered",
            "calls offered",
            "offer",
            "contacts offered",
            "incoming",
            "received",
            "arrivals",
            "calls",
        ),
        *(
            "angeboten",
            "angebotene anrufe",
            "anrufe angeboten",
            "eingehend",
            "eingegangen",
            "anrufe",
            "volumen",
        ),
        *("offerts", "appels offerts", "presentes", "appels presentes", "recus", "appels recus", "appels"),
        *("ofrecidas", "llamadas ofrecidas", "recibidas", "llamadas recibidas", "entrantes", "llamadas"),
        *("offerte", "chiamate offerte", "ricevute", "chiamate ricevute", "entranti", "chiamate", "volume"),
    ),
    "handled": (
        *("handled", "calls handled", "answered", "calls answered", "answer", "contacts handled"),
        *("angenommen", "angenommene anrufe", "beantwortet", "bearbeitet", "traites", "appels traites"),
        *("repondus", "decroches", "appels repondus", "atendidas", "llamadas atendidas", "contestadas"),
        *("gestite", "chiamate gestite", "risposte", "chiamate risposte"),
    ),
    "abandoned": (
        *(
            "abandoned",
            "calls abandoned",
            "abandon",
            "abandons",
            "lost",
            "verloren",
            "aufgelegt",
            "abgebrochen",
        ),
        *("verlorene anrufe", "aufleger", "abandonnes", "appels abandonnes", "perdus", "abandonadas"),
        *("llamadas abandonadas", "perdidas", "abbandonate", "chiamate abbandonate", "perse"),
    ),
    "flow_out": ("flow out", "outflow", "overflow", "uberlauf", "desborde", "debordement", "overflow out"),
    "aht_s": (
        *("aht", "average handle time", "avg handle time", "handle time", "average handling time", "acht"),
        *(
            "bearbeitungszeit",
            "durchschnittliche bearbeitungszeit",
            "mittlere bearbeitungszeit",
            "avg handle",
        ),
        *("dmt", "duree moyenne de traitement", "tmo", "tiempo medio operativo", "tiempo medio", "tma"),
        *("tempo medio di gestione", "tempo medio", "amht", "mht"),
    ),
    "talk_s": (
        *("talk time", "talk", "total talk", "acd time", "gesprach", "gesprachszeit", "gesprachsdauer"),
        *("conversation", "temps de conversation", "conversacion", "tiempo de conversacion", "conversazione"),
        *("tempo di conversazione", "duration", "dauer", "duree", "duracion", "durata", "billsec"),
    ),
    "hold_s": (
        *(
            "hold time",
            "hold",
            "total hold",
            "haltezeit",
            "halten",
            "mise en attente",
            "retencion",
            "hold duration",
        ),
        *("tiempo de retencion", "attesa in linea"),
    ),
    "acw_s": (
        *("acw", "after call work", "after call work time", "wrap up", "wrap up time", "wrapup", "total acw"),
        *("nachbearbeitung", "nachbearbeitungszeit", "nacharbeit", "post appel", "travail apres appel"),
        *(
            "trabajo posterior",
            "post llamada",
            "tiempo administrativo",
            "post chiamata",
            "lavoro post chiamata",
        ),
    ),
    "wait_s": (
        *("wait time", "wait", "queue time", "waiting time", "hold in queue", "time in queue", "wartezeit"),
        *(
            "wartedauer",
            "attente",
            "temps d attente",
            "espera",
            "tiempo de espera",
            "attesa",
            "tempo di attesa",
        ),
    ),
    "contact_id": (
        *("contact id", "call id", "callid", "interaction id", "conversation id", "session id", "unique id"),
        *("uniqueid", "id", "uid", "anruf id", "vorgang", "kontakt id", "ticket", "id appel", "id llamada"),
        *("id chiamata", "ticket id", "case id", "segment id"),
    ),
    "arrived_at": (
        *(
            "arrived at",
            "arrival",
            "start time",
            "call start",
            "start",
            "enqueued",
            "enqueue time",
            "queued at",
        ),
        *("created", "created at", "timestamp", "date time", "ankunft", "eingang", "beginn", "anrufbeginn"),
        *(
            "zeitstempel",
            "datum uhrzeit",
            "arrivee",
            "debut",
            "date heure",
            "llegada",
            "inicio",
            "fecha hora",
        ),
        *("arrivo", "inizio", "data ora"),
    ),
    "answered_at": (
        *("answered at", "answer time", "connected at", "connect time", "angenommen um", "annahme"),
        *("annahmezeit", "decroche", "heure de reponse", "respuesta", "hora de respuesta", "risposta"),
    ),
    "ended_at": (
        *("ended at", "end time", "end", "finished at", "disconnected", "hangup", "closed at", "ende"),
        *("anrufende", "fin", "heure de fin", "hora de fin", "fine", "ora fine"),
    ),
    "outcome": (
        *("outcome", "status", "disposition", "result", "call result", "ergebnis", "resultat", "statut"),
        *("resultado", "estado", "esito", "stato"),
    ),
    "agent_id": (
        "agent",
        "agent id",
        "user",
        "agent name",
        "mitarbeiter",
        "agente",
        "operatore",
        "conseiller",
    ),
    "interval_start": (
        *(
            "interval start",
            "interval",
            "start of interval",
            "interval time",
            "timestamp",
            "date time",
            "start",
        ),
        *("start time", "period", "intervall", "intervallbeginn", "zeitraum", "zeitstempel", "datum uhrzeit"),
        *("beginn", "von", "intervalle", "debut", "date heure", "intervalo", "inicio", "fecha hora", "desde"),
        *("intervallo", "inizio", "data ora", "periodo"),
    ),
    "date": ("date", "day", "row date", "datum", "tag", "jour", "fecha", "dia", "data", "giorno"),
    "clock": (
        *("time", "start time", "interval", "uhrzeit", "zeit", "stunde", "intervall", "heure", "intervalle"),
        *("hora", "intervalo", "ora", "intervallo", "hour", "time of day", "von", "de", "desde", "da"),
    ),
}
CHANNEL_HEADERS = (
    "channel",
    "channel type",
    "media type",
    "media",
    "kanal",
    "medium",
    "canal",
    "canale",
    "media",
)
_OF_OTHERS = frozenset(
    {"percent", "pct", "rate", "quote", "level", "servicelevel", "prozent", "taux", "tasa"}
)
_MEANS = frozenset(
    (
        "avg",
        "average",
        "mean",
        "durchschnitt",
        "durchschnittliche",
        "mittlere",
        "moyenne",
        "moyen",
        "medio",
        "media",
    )
)
_SUMS = frozenset(("total", "sum", "summe", "gesamt", "somme", "suma", "totale"))
_LEAST_SHARE = 0.34  # of a header's words that its phrase must make up
_COUNTED = ("offered", "handled", "abandoned", "flow_out")


def words_of(header: str) -> tuple[str, ...]:
    """Return the words of a header in small plain letters."""
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", plain)  # IntervalStart
    return tuple(re.findall(r"[a-z]+|\d+", parted.casefold()))


def likeness(header: str, column: str) -> float:
    """Return how well a header fits a canonical column: the share of its words that a phrase makes up."""
    words = words_of(header)
    if not words or (column in _COUNTED and ("%" in header or _OF_OTHERS & set(words))):
        return 0.0
    if column == "aht_s" and _SUMS & set(words):
        return 0.0
    phrases = [phrase.split() for phrase in PHRASES[column]]
    fitting = [len(phrase) for phrase in phrases if set(phrase) <= set(words)]
    share = max(fitting, default=0) / len(words)
    return share if share >= _LEAST_SHARE else 0.0


def is_mean(header: str) -> bool:
    """Return whether a header says that it holds a mean, where a sum is needed."""
    return "Ø" in header or "ø" in header or bool(_MEANS & set(words_of(header)))


def assigned(headers: Sequence[str], columns: Iterable[str]) -> dict[str, str]:
    """Return the header of each column that has one, the best fits first; each header at most once."""
    scores = [
        (-likeness(header, column), place, rank, header, column)
        for rank, column in enumerate(columns)
        for place, header in enumerate(headers)
    ]
    found: dict[str, str] = {}
    for score, _, _, header, column in sorted(scores):
        if score < 0 and column not in found and header not in found.values():
            found[column] = header
    return found


def channel_header(headers: Sequence[str]) -> str:
    """Return the header that says by which channel contacts come, empty if there is none."""
    wanted = {tuple(phrase.split()) for phrase in CHANNEL_HEADERS}
    return next((header for header in headers if words_of(header) in wanted), "")
