"""One id for two things of different kinds: whoever makes a thing under the id of another gets nothing of that one.

What hangs on a thing says by its id where it belongs. Ids of things that one may not see are known: stubs and labels
tell those of assets.
"""

import threading

import pytest

from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.errors import Refused
from sync_server.storage.translation import IN_THE_WAY
from tests.support.device_side import Client, Json, together
from tests.support.server_side import NOW, Scene, Server, a_row, new_id

SECRET = "The key lies under the pump."


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture(params=["asset", "work_order"])
def foreign(request: pytest.FixtureRequest, scene: Scene) -> tuple[str, str]:
    """A thing of a site that nobody of the scene may enter, with a remark: its kind and its id."""
    organization, far = scene.organization, scene.organization.site()
    author = organization.person("technician", far)
    if request.param == "asset":
        thing = organization.add("asset", site_id=far["id"], code="FAR-1", name="Vault pump")
    else:
        thing = organization.order(far, author)
    remark: Row = {f"{request.param}_id": thing["id"], "author_id": author["id"], "text": SECRET, "written_at": NOW}
    organization.add("comment", aggregate_id=thing["id"], **remark)
    return request.param, str(thing["id"])


def made_by(device: Client, kind: str, id_: str, scene: Scene) -> Json:
    named = {"number": "WO-9", "title": "Mine"} if kind == "work_order" else {"code": "MINE-1", "name": "Mine"}
    return device.create(kind, id_=id_, aggregate_id=id_, site_id=scene.site["id"], **named)


def require_unseen(scene: Scene, device: Client) -> None:
    answers = [device.pull(), device.pull(cursor=None)]
    answers += [device.bootstrap(scope) for scope in device.hello()["scopes"]]
    assert SECRET not in repr(answers)


@pytest.mark.parametrize("who", ["field", "office"])
def test_a_thing_under_the_id_of_a_foreign_one_opens_nothing_of_it(
    scene: Scene, foreign: tuple[str, str], who: str
) -> None:
    (kind, id_), device = foreign, getattr(scene, who)
    own_kind = "asset" if kind == "work_order" else "work_order"
    (remark,) = scene.organization.rows("comment")
    photo = {f"{kind}_id": [None, id_], "comment_id": [None, remark["id"]]}
    verdicts = device.push(
        made_by(device, own_kind, id_, scene),
        device.mutation("comment.delete", remark["id"], aggregate_id=id_),
        device.mutation("attachment.create", new_id(), aggregate_id=id_, set=photo),
    )
    assert {verdict["status"] for verdict in verdicts} == {"rejected"}
    if own_kind == "work_order" or who == "office":  # technicians make no assets at all
        assert (verdicts[0]["code"], verdicts[0]["reason"]) == ("conflicting_reference", IN_THE_WAY)
    require_unseen(scene, device)
    assert scene.organization.stands("comment", remark["id"])["deleted_at"] is None


def test_two_kinds_of_things_made_at_once_do_not_share_an_id(scene: Scene) -> None:
    id_ = new_id()
    group = together(made_by(scene.office, "asset", id_, scene), made_by(scene.office, "work_order", id_, scene))
    assert [verdict["status"] for verdict in scene.office.push(*group)] == ["rejected", "rejected"]
    assert scene.organization.row("asset", id_) is None


def test_of_two_that_take_an_id_at_the_same_moment_one_has_it(scene: Scene) -> None:
    """Neither sees the other's row before it is committed: the clock decides."""
    organization, id_ = scene.organization, new_id()
    order = a_row("work_order", id=id_, aggregate_id=id_, number="WO-9", title="Order", site_id=scene.site["id"])
    asset = a_row("asset", id=id_, aggregate_id=id_, code="A-9", name="Asset", site_id=scene.site["id"])
    refusals: list[Refused] = []

    def late() -> None:
        try:
            organization.commit([("asset", asset)])
        except Refused as refusal:
            refusals.append(refusal)

    other = threading.Thread(target=late)
    with organization.database.transaction("app_sync", organization.id) as connection:
        work = UnitOfWork(connection, organization.id, None)
        work.lock([("work_order", id_)])
        work.put({("work_order", id_): order})
        work.finish()
        other.start()
        other.join(0.3)
        assert other.is_alive(), "it waits for the clock"
    other.join(10)
    assert [each.code for each in refusals] == ["conflicting_reference"]
    assert organization.row("asset", id_) is None
