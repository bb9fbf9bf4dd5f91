"""The model tells the smallest change, and never anything that is not so: Qt's own tester listens to all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from cmms_desktop.ui.models.moves import MOST_MOVES
from cmms_desktop.ui.models.rows_model import FaceRole, RowsModel
from cmms_desktop.ui.text.faces import SectionRow

pytestmark = pytest.mark.usefixtures("qapp")


@dataclass(frozen=True)
class Part:
    """A row for these tests."""

    id: str
    name: str = "Seal"

    def sentence(self) -> str:
        return f"{self.name}, {self.id}"


class Heard:
    """What a model told, in order."""

    def __init__(self, model: QAbstractItemModel) -> None:
        self.signals: list[str] = []
        model.rowsInserted.connect(lambda _, first, last: self.signals.append(f"insert {first}-{last}"))
        model.rowsRemoved.connect(lambda _, first, last: self.signals.append(f"remove {first}-{last}"))
        model.rowsMoved.connect(lambda *_: self.signals.append("move"))
        model.layoutChanged.connect(lambda *_: self.signals.append("layout"))
        model.modelReset.connect(lambda: self.signals.append("reset"))
        model.dataChanged.connect(lambda first, *_: self.signals.append(f"change {first.row()}"))


def model_of(*rows: Part | SectionRow) -> RowsModel[Part]:
    model = RowsModel[Part](describe=Part.sentence)
    model.set_rows(rows)
    return model


def parts(*ids: str) -> tuple[Part, ...]:
    return tuple(Part(each) for each in ids)


ids = st.lists(st.sampled_from([f"p{n}" for n in range(12)]), unique=True, max_size=12)
names = st.sampled_from(["Seal", "Valve"])
rows_of_ids = ids.flatmap(lambda chosen: st.tuples(*(st.builds(Part, st.just(each), names) for each in chosen)))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows_of_ids, min_size=2, max_size=5))
def test_any_rows_follow_any_rows(states: list[tuple[Part, ...]]) -> None:
    model = RowsModel[Part](describe=Part.sentence)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for state in states:
        held = {row.id: QPersistentModelIndex(model.index_of(row.id)) for row in model.rows()}
        model.set_rows(state)
        assert model.rows() == state
        kept = {row.id for row in state}
        for row_id, index in held.items():
            row = model.row_at(index)
            assert (row.id if row else None) == (row_id if row_id in kept else None)
    del tester


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(MOST_MOVES * 2)))
def test_many_moves_are_told_at_once_and_keep_the_selection(order: list[int]) -> None:
    model = model_of(*parts(*map(str, range(MOST_MOVES * 2))))
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    held = QPersistentModelIndex(model.index_of("7"))

    model.set_rows(parts(*map(str, order)))

    row = model.row_at(held)
    assert row is not None
    assert row.id == "7"
    assert [each.id for each in model.rows()] == [str(number) for number in order]
    del tester


@pytest.fixture
def five() -> tuple[RowsModel[Part], Heard]:
    model = model_of(*parts("a", "b", "c", "d", "e"))
    return model, Heard(model)


def test_a_changed_row_changes_alone(five: tuple[RowsModel[Part], Heard]) -> None:
    model, heard = five
    rows = list(parts("a", "b", "c", "d", "e"))
    rows[2] = replace(rows[2], name="Valve")

    model.set_rows(tuple(rows))

    assert heard.signals == ["change 2"]


def test_neighbours_come_and_go_together(five: tuple[RowsModel[Part], Heard]) -> None:
    model, heard = five

    model.set_rows(parts("a", "x", "y", "z", "e"))

    assert heard.signals == ["remove 1-3", "insert 1-3"]


def test_one_row_that_goes_down_is_one_move(five: tuple[RowsModel[Part], Heard]) -> None:
    model, heard = five

    model.set_rows(parts("b", "c", "d", "e", "a"))

    assert heard.signals == ["move"]


def test_one_row_that_goes_up_is_one_move(five: tuple[RowsModel[Part], Heard]) -> None:
    model, heard = five

    model.set_rows(parts("e", "a", "b", "c", "d"))

    assert heard.signals == ["move"]


def test_the_same_rows_are_silence(five: tuple[RowsModel[Part], Heard]) -> None:
    model, heard = five

    model.set_rows(parts("a", "b", "c", "d", "e"))

    assert heard.signals == []


def test_two_rows_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        model_of(Part("a"), Part("a"))


def test_what_the_roles_give() -> None:
    model = RowsModel[Part](describe=Part.sentence, face=lambda part: part.name.upper(), display=lambda part: part.id)
    model.set_rows(parts("a"))
    index = model.index(0)

    assert index.data(Qt.ItemDataRole.DisplayRole) == "a"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Seal, a"
    assert index.data(FaceRole) == "SEAL"
    assert index.data(Qt.ItemDataRole.UserRole) == Part("a")
    assert index.data(Qt.ItemDataRole.DecorationRole) is None


def test_a_face_is_made_anew_for_a_changed_row() -> None:
    made: list[str] = []

    def face(part: Part) -> str:
        made.append(part.id)
        return part.name

    model = RowsModel[Part](describe=Part.sentence, face=face)
    model.set_rows(parts("a", "b"))
    for _ in range(3):
        assert [model.index(number).data(FaceRole) for number in range(2)] == ["Seal", "Seal"]
    assert made == ["a", "b"]

    model.set_rows((Part("a", "Valve"), Part("b")))

    assert model.index(0).data(FaceRole) == "Valve"
    assert made == ["a", "b", "a"]


def test_headings_are_read_but_never_chosen() -> None:
    model = model_of(SectionRow("with", "With exceptions", 1), Part("a"), SectionRow("none", "No exceptions"))
    heading, row = model.index(0), model.index(1)

    assert heading.data(Qt.ItemDataRole.DisplayRole) == "With exceptions, 1"
    assert heading.data(Qt.ItemDataRole.AccessibleTextRole) == "With exceptions, 1"
    assert isinstance(heading.data(FaceRole), SectionRow)
    assert model.index(2).data() == "No exceptions"
    assert not model.flags(heading) & Qt.ItemFlag.ItemIsSelectable
    assert model.flags(row) & Qt.ItemFlag.ItemIsSelectable
    assert model.row_at(heading) is None
    assert model.row_at(row) == Part("a")


def test_what_is_not_there_is_none() -> None:
    model = model_of(Part("a"))

    assert model.row_at(5) is None
    assert model.row_at(-1) is None
    assert not model.index_of("z").isValid()
    assert model.row_at(model.index_of("z")) is None
