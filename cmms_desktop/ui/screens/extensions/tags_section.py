"""Tags on an order or an asset: chips to press, and a field for a word that is not offered."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cmms_desktop.application.commands.remarks import Remarked
from cmms_desktop.application.queries.tags import TagChoice
from cmms_desktop.ui.bridge.doors import ScreenContext
from cmms_desktop.ui.screens.extensions.tags_presenter import TagsPresenter
from cmms_desktop.ui.text.badge import BadgeSpec
from cmms_desktop.ui.theme import theme
from cmms_desktop.ui.widgets.badges import BadgeRow
from cmms_desktop.ui.widgets.buttons import ActionButton
from cmms_desktop.ui.widgets.cards import Card, SectionTitle
from cmms_desktop.ui.widgets.fields import LabelledField
from cmms_desktop.ui.widgets.segmented import Chips


class TagsSection(QWidget):
    """A title over the tags of one thing; hidden while there is none, or nothing to show and to do."""

    def __init__(self, context: ScreenContext, about: Remarked) -> None:
        super().__init__()
        self._context, self._about, self._about_id = context, about, ""
        self._presenter: TagsPresenter | None = None
        self._words: tuple[str, ...] = ()
        self.read_only = BadgeRow()
        self.chips = Chips((), multiple=True)
        self.field = LabelledField("Another tag")
        self.add_button = ActionButton("Add tag", icon="plus")
        self._entry = QWidget()
        line = QHBoxLayout(self._entry)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().space(3))
        line.addWidget(self.field, 1)
        line.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignBottom)
        card = Card()
        for part in (self.read_only, self.chips, self._entry):
            card.body.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().space(1))
        column.addWidget(SectionTitle("Tags"))
        column.addWidget(card)
        self.chips.chosen.connect(self._turn)
        self.add_button.clicked.connect(self._add)
        self.field.line.returnPressed.connect(self._add)
        self.field.edited.connect(self._follow)
        self.hide()

    def show_thing(self, about_id: str) -> None:
        """Show the tags of another thing; "": of none."""
        if about_id == self._about_id:
            return
        self.stop()
        self.hide()
        self._about_id = about_id
        self.field.set_text("")
        self._follow("")
        if about_id:
            self._presenter = TagsPresenter(self._context, self, about_id, about=self._about)
            self._presenter.start()

    def stop(self) -> None:
        """Ask no more."""
        if self._presenter is not None:
            self._presenter.close()
        self._presenter, self._about_id = None, ""

    def show_choice(self, choice: TagChoice) -> None:
        words = tuple(sorted((*choice.on, *choice.offered)))
        if words != self._words:
            self._words = words
            self.chips.set_options(tuple((word, word) for word in words))
        self.chips.set_keys(choice.on)
        self.read_only.set_specs([BadgeSpec("neutral", "tag", word) for word in choice.on])
        self.read_only.setVisible(not choice.may_tag)
        self.chips.setVisible(choice.may_tag and bool(words))
        self._entry.setVisible(choice.may_tag and choice.may_invent)
        self.setVisible(bool(choice.on) or choice.may_tag)

    def show_refusal(self, sentence: str | None) -> None:
        self.field.set_error(sentence)

    def forget_word(self) -> None:
        self.field.set_text("")
        self._follow("")

    @Slot(str)
    def _turn(self, word: str) -> None:
        if self._presenter is not None:
            self._presenter.turn(word)

    @Slot()
    def _add(self) -> None:
        word = self.field.text()
        if self._presenter is not None and word.strip():
            self._presenter.add(word)

    @Slot(str)
    def _follow(self, text: str) -> None:
        self.add_button.setEnabled(bool(text.strip()))
        self.field.set_error(None)
