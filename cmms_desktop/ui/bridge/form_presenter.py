"""What forms in a sheet share: fields that are kept at each key, and saved once. Plain Python, no widgets.

Knows nothing of what the fields mean.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from cmms_desktop.application.session import LocalWrite
from cmms_desktop.errors import CmmsError
from cmms_desktop.ui.bridge.doors import Presenter, ScreenContext

T = TypeVar("T")
_DECODER: Final = msgspec.json.Decoder(dict[str, str])


class FormPresenter(Presenter):
    """The form of one thing."""

    def __init__(
        self, context: ScreenContext, *, note: str, empty: Mapping[str, str], refuse: Callable[[str], None]
    ) -> None:
        """Take up what was half entered under a note; what is not understood there starts anew, as `empty` says.

        `refuse` says in the form what to enter.
        """
        super().__init__(context)
        self._note, self._refuse, self._is_saving = note, refuse, False
        kept = _read(context.drafts.get(note))
        self._fields = {name: kept.get(name, default) for name, default in empty.items()}

    def _keep(self, values: Mapping[str, str], *, empty: Callable[[Mapping[str, str]], bool]) -> None:
        self._fields |= values
        text = "" if empty(self._fields) else msgspec.json.encode(self._fields).decode()
        self.context.drafts.keep(self._note, text)

    def _save(self, command: Callable[[LocalWrite], T], then: Callable[[T], None]) -> None:
        """Save; a second press while it is being saved does nothing."""
        if not self._is_saving:
            self._is_saving = True
            self.context.background.write(command, then, refused=self._refused, forgets=(self._note,))

    def _end(self, done: Callable[[], None], *, said: str) -> None:
        """Forget the draft, let the form go if it is still there, and say what was done."""
        self.context.drafts.drop(self._note)
        if not self._is_closed:
            done()
        self.context.navigator.toast(said)

    def _refused(self, problem: CmmsError) -> None:
        self._is_saving = False
        if self._is_closed:
            self.context.navigator.complain(problem)
        else:
            self._refuse(problem.sentence)


def _read(text: str | None) -> dict[str, str]:
    try:
        return _DECODER.decode(text) if text else {}
    except msgspec.DecodeError:
        return {}
