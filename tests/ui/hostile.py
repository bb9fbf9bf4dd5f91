"""Texts that nobody should send, in every row that a device holds; and what they must not do to a window."""

import json
from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractScrollArea, QLabel, QScrollArea, QWidget

from cmms_desktop.ui.widgets.text import ElidedText
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from tests.ui import rendered
from tests.ui.screens.office_news import bring
from tests.ui.stage import Stage

SEEN: Final = "<b>bold</b>"
MARKS: Final = f'{SEEN}<img src="file:///etc/passwd"><a href="file:///">link</a><table> &lt;&amp; '
UNSEEN: Final = (
    "\x07\x1b[31m\x85\u202eesrever\u2066\u200b\ufeff\u2028 \U0001f527\U0001f468\u200d\U0001f527 e\u0301\u0302\u0303"
)
HOSTILE: Final = MARKS + UNSEEN + "W" * 10_000
"""Marks, letters that are not seen, emoji, and ten thousand letters without a place to break."""
NO_TEXTS: Final = frozenset(
    {"sha256", "photo_sha256", "media_type", "body", "body_sha256", "signature", "key", "time_zone", "path"}
    | {"commitment", "salt", "target_entity", "field", "external_id", "last_value", "value", "source", "fence"}
)
"""Columns that hold what only programs read, or what a person's answer has to fit."""
MOST_ROWS: Final = 12
"""Rows of each kind that are filled: more than the window shows of them at once."""


def fill_with(stage: Stage, text: str, *, of_order: str) -> None:
    """Let the office write a text wherever one may stand: in an order with its parts, and in everything around it."""
    rows: list[tuple[str, Row]] = []
    for entity, spec in REGISTRY.items():
        names = [c.name for c in spec.columns if c.kind == "text" and not c.words and c.name not in NO_TEXTS]
        for row in _rows(stage, entity, of_order) if names else ():
            changed = {name: text for name in names if row[name] is not None or name in {"title", "description"}}
            if row.get("choices"):
                changed["choices"] = json.dumps([text, text[::-1]])
            rows.append((entity, {**row, **changed, "version": int(row["version"] or 0) + 1}))
    bring(stage, *rows)


def _rows(stage: Stage, entity: str, order_id: str) -> Iterator[dict[str, Any]]:
    spec = REGISTRY[entity]
    where = "deleted_at IS NULL"
    if "work_order" in spec.aggregates:
        where += f" AND aggregate_id = '{order_id}'"
    with stage.session.reading() as reading:
        sql = f"SELECT {', '.join(spec.names)} FROM {entity} WHERE {where} ORDER BY id LIMIT {MOST_ROWS}"
        lines = reading.cursor.execute(sql).fetchall()
        ids = [str(line[spec.names.index("id")]) for line in lines]
        found = [reading.get(entity, row_id) for row_id in ids]
    yield from (row for row in found if row is not None)


def stumbling_blocks(window: QWidget, size: tuple[int, int]) -> list[str]:
    """What a hostile text has done to a window: rich texts, a page wider than it, things out of reach."""
    window.grab()  # paints all of it
    found = [*_rich(window), *_too_wide(window), *_cut_off(window)]
    if (window.width(), window.height()) != size:
        found.append(f"the window became {window.width()} × {window.height()}")
    return [*found, *map(str, (*rendered.small_targets(window), *rendered.out_of_window(window)))]


def _rich(window: QWidget) -> Iterator[str]:
    for widget in rendered.visible(window):
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            yield f"{rendered.name_of(widget)} may show rich text"
        if "<img" in widget.toolTip() or "<a href" in widget.toolTip():
            yield f"{rendered.name_of(widget)} has a rich tooltip"
    for action in window.findChildren(QAction):
        if RichText.mightBeRichText(action.toolTip()) and SEEN in action.toolTip():
            yield f"the tooltip of an action may be rich: {action.toolTip()[:40]}"


def _too_wide(window: QWidget) -> Iterator[str]:
    for area in rendered.visible(window):
        if isinstance(area, QScrollArea) and area.widget() is not None:
            content = area.widget()
            if content.width() > area.viewport().width():
                yield f"{rendered.name_of(area)} is {content.width()} px wide: {_widest(area)}"
        elif isinstance(area, QAbstractItemView | QAbstractScrollArea) and area.horizontalScrollBar().maximum() > 0:
            yield f"{rendered.name_of(area)} scrolls sideways by {area.horizontalScrollBar().maximum()} px"


def _widest(area: QScrollArea) -> str:
    kinds = (QLabel, QAbstractButton)
    parts = [each for each in area.widget().findChildren(QWidget) if each.isVisible() and isinstance(each, kinds)]
    widest = max(parts, key=lambda each: each.minimumSizeHint().width())
    return f"{rendered.name_of(widest)} in {type(widest.parentWidget()).__name__}"


def _cut_off(window: QWidget) -> Iterator[str]:
    """Texts that end in "…" have to say the rest where the mouse rests."""
    for text in rendered.visible(window):
        if isinstance(text, ElidedText) and text._lines(text.width()).is_elided and not text.toolTip():
            yield f"{rendered.name_of(text)} is cut off"
