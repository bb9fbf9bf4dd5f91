"""What is known of an asset beside its card, as captions over values. Plain Python."""

from dataclasses import dataclass
from datetime import date

from cmms_desktop.application.queries.asset_details import AssetDetails
from cmms_desktop.ui.text.asset_words import document_pair, relation_pair, specification_pair

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DetailSections:
    """Captions over values of each section; an empty one is not shown."""

    specifications: Pairs = ()
    documents: Pairs = ()
    relations: Pairs = ()


NOTHING = DetailSections()


def detail_sections(details: AssetDetails, today: date) -> DetailSections:
    """Say what is known."""
    return DetailSections(
        tuple(specification_pair(line) for line in details.specifications),
        tuple(document_pair(line, today) for line in details.documents),
        tuple(relation_pair(line) for line in details.relations),
    )
