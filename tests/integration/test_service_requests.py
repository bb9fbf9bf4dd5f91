"""Asking for service: who sees a request, who decides, and that one order comes of an accepted one, however often."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from sync_server.application import service_requests
from sync_server.contract.fields import Row
from sync_server.contract.rules.requesting import made_order_id, number_of
from tests.support import activity
from tests.support.command_line import Run, commands_of
from tests.support.device_side import Client, Json
from tests.support.fleet import Fleet
from tests.support.scope_oracle import assert_index_is_right, assert_mirrors
from tests.support.server_side import Scene, Server, new_id

REQUESTS = "/v1/office/service-requests"
SECRET = "caller-nobody-reads"


@pytest.fixture
def scene(server: Server) -> Scene:
    return Scene.of(server)


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return commands_of(server, monkeypatch, capsys)


def asked(scene: Scene, **values: object) -> Json:
    return {"site_id": scene.site["id"], "title": "Oil under the pump", "urgency": "high", **values}


def filed(scene: Scene, client: Client) -> Json:
    """A request that a device has made and sent."""
    mutation = client.create("service_request", **asked(scene))
    assert client.push_one(mutation)["status"] == "applied"
    return mutation


def step(client: Client, request_id: object, verb: str, reason: str | None = None) -> httpx.Response:
    return client.post(f"{REQUESTS}/{request_id}/step", {"step": verb, "reason": reason})


def by_device(client: Client, request_id: object, verb: str, **said: object) -> Json:
    pairs = {name: [None, value] for name, value in said.items()}
    return client.mutation(f"service_request.{verb}", request_id, aggregate_id=request_id, set=pairs)


def orders_of(scene: Scene, request_id: object) -> list[Row]:
    order_id = made_order_id(str(request_id))
    return [row for row in scene.organization.rows("work_order") if row["id"] == order_id]


def test_whoever_asked_and_the_office_of_the_site_see_a_request_and_its_outcome(scene: Scene) -> None:
    organization = scene.organization
    colleague = organization.device(organization.person("technician", scene.site))
    elsewhere = organization.device(organization.person("supervisor", organization.site()))
    request = filed(scene, scene.field)
    assert step(scene.office, request["id"], "decline", "It is exchanged tomorrow.").status_code == 200
    seen = {}
    people = {"author": scene.field, "office": scene.office, "colleague": colleague, "elsewhere": elsewhere}
    for name, client in people.items():
        assert_mirrors(organization, client.sync(), set(client.hello()["scopes"]))
        found = client.mirror.of("service_request").get(request["id"])
        seen[name] = found and (found["status"], found["reason"])
    outcome = ("declined", "It is exchanged tomorrow.")
    assert seen == {"author": outcome, "office": outcome, "colleague": None, "elsewhere": None}
    assert_index_is_right(organization)


def test_a_customer_asks_and_takes_it_back_but_decides_nothing(scene: Scene) -> None:
    organization = scene.organization
    customer = organization.device(organization.person("customer", scene.site))
    customer.sync()
    request = filed(scene, customer)
    customer.sync()
    assert customer.push_one(by_device(customer, request["id"], "accept"))["code"] == "not_allowed"
    assert customer.push_one(by_device(customer, request["id"], "withdraw"))["status"] == "applied"
    assert organization.stands("service_request", request["id"])["status"] == "withdrawn"
    assert orders_of(scene, request["id"]) == []


def test_nobody_withdraws_what_a_colleague_asked_for(scene: Scene) -> None:
    colleague = scene.organization.device(scene.organization.person("technician", scene.site))
    colleague.sync()
    request = filed(scene, scene.field)
    answers = [colleague.push_one(by_device(colleague, id_, "withdraw")) for id_ in (request["id"], new_id())]
    assert [(each["status"], each["code"], each["reason"]) for each in answers] == [
        ("rejected", "not_found", answers[1]["reason"])
    ] * 2


def test_an_accepted_request_has_its_order_in_the_same_commit(scene: Scene) -> None:
    organization = scene.organization
    request = filed(scene, scene.field)
    before = organization.seq()
    (verdict,) = step(scene.office, request["id"], "accept").json()
    assert (verdict["status"], verdict["commit_seq"]) == ("applied", before + 1)
    (order,) = orders_of(scene, request["id"])
    stands = organization.stands("service_request", request["id"])
    assert (stands["status"], stands["work_order_id"]) == ("accepted", order["id"])
    assert (order["sync_seq"], stands["sync_seq"]) == (before + 1, before + 1)
    assert (order["number"], order["title"], order["priority"]) == (
        number_of(str(order["id"])),
        "Oil under the pump",
        "high",
    )
    assert order["created_by"] == scene.supervisor["id"]
    assert_index_is_right(organization)


@pytest.mark.parametrize("role", ["planner", "supervisor"])
def test_the_office_of_a_site_accepts_what_names_an_asset_and_a_room(scene: Scene, role: str) -> None:
    """Devices always name both; by the office's programs and by a device, each of one who enters this site only."""
    organization = scene.organization
    room = organization.add("location", site_id=scene.site["id"], code=new_id(), name="Room", kind="room")
    asset = organization.add("asset", site_id=scene.site["id"], code=new_id(), name="Pump", location_id=room["id"])
    decider = organization.device(organization.person(role, scene.site))
    named = {"asset_id": asset["id"], "location_id": room["id"]}
    requests = [scene.office.create("service_request", **asked(scene, **named)) for _ in range(2)]
    assert [each["status"] for each in scene.office.push(*requests)] == ["applied"] * 2
    decider.sync()
    assert decider.push_one(by_device(decider, requests[0]["id"], "accept"))["status"] == "applied"
    answer = step(decider, requests[1]["id"], "accept")
    assert answer.status_code == 200, answer.text
    for each in requests:
        (order,) = orders_of(scene, each["id"])
        assert {name: order[name] for name in named} == named
    assert_index_is_right(organization)


def test_many_who_accept_at_once_make_one_order(scene: Scene) -> None:
    """Routes and a device, all at once; then every one of them again."""
    organization = scene.organization
    request = filed(scene, scene.field)
    office = [organization.device(organization.person("supervisor", scene.site)) for _ in range(3)]
    for client in office:
        client.sync()
    sealed = office[0].device.seal(by_device(office[0], request["id"], "accept"))

    def accept(number: int) -> httpx.Response:
        return office[0].push_sealed(sealed) if number == 0 else step(office[number], request["id"], "accept")

    for _ in range(2):
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(accept, range(3)))
        assert [each.status_code for each in answers] == [200] * 3
        assert [each["status"] for each in answers[0].json()["verdicts"]] == ["applied"]
        assert len(orders_of(scene, request["id"])) == 1
    assert organization.stands("work_order", made_order_id(request["id"]))["version"] == 1
    assert organization.stands("service_request", request["id"])["version"] == 2
    assert_index_is_right(organization)


def test_the_first_decision_counts_and_the_second_is_told(scene: Scene) -> None:
    request = filed(scene, scene.field)
    assert step(scene.office, request["id"], "accept").status_code == 200
    scene.field.sync()
    late = scene.field.push_one(by_device(scene.field, request["id"], "withdraw"))
    assert (late["status"], late["code"]) == ("rejected", "illegal_transition")
    refused = step(scene.office, request["id"], "decline", "Too late.")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert scene.organization.stands("service_request", request["id"])["status"] == "accepted"


def test_what_is_asked_and_decided_without_network_converges(fleet: Fleet) -> None:
    """A technician and a supervisor in two basements, and the office that was faster."""
    asker, decider = fleet.device("technician"), fleet.device("supervisor")
    organization = fleet.organization
    asker.offline()
    with asker.write() as write:
        request_id = write.create("service_request", {"site_id": fleet.small.site_id, "title": "Oil"})
    asker.sync_well()
    decider.sync_well()
    decider.offline()
    with decider.write() as write:
        write.mutate("service_request.accept", entity="service_request", id=request_id, set={})
    order_id = made_order_id(request_id)
    assert decider.see("work_order", order_id)["title"] == "Oil", "before anybody has heard of it"
    service_requests.take_step_by_command(organization.database, organization.id, request_id, "accept", reason=None)
    decider.sync_well()
    asker.sync_well()
    assert decider.see("service_request", request_id)["status"] == "accepted"
    assert asker.see("service_request", request_id)["work_order_id"] == order_id
    assert organization.stands("work_order", order_id)["version"] == 1
    fleet.assert_mirrored()


def test_the_office_of_another_site_lists_and_decides_nothing(scene: Scene) -> None:
    organization = scene.organization
    elsewhere = organization.device(organization.person("planner", organization.site()))
    request = filed(scene, scene.field)
    assert elsewhere.request("GET", REQUESTS).json() == []
    for verb in ("accept", "decline", "withdraw"):
        theirs, nobodys = (step(elsewhere, id_, verb, "No.") for id_ in (request["id"], new_id()))
        assert (theirs.status_code, theirs.json()) == (404, nobodys.json())
    assert [row["id"] for row in scene.office.request("GET", f"{REQUESTS}?status=new").json()] == [request["id"]]
    assert scene.office.request("GET", f"{REQUESTS}?status=accepted").json() == []
    assert scene.field.request("GET", REQUESTS).json() == [], "a technician is no office"


@pytest.mark.parametrize("wrong", [{"step": "burn"}, {"step": "decline"}, {"step": "decline", "reason": "."}, {}])
def test_what_is_no_step_is_refused_in_words(scene: Scene, wrong: Json) -> None:
    request = filed(scene, scene.field)
    answer = scene.office.post(f"{REQUESTS}/{request['id']}/step", wrong)
    assert answer.status_code in {400, 422}
    assert scene.organization.stands("service_request", request["id"])["status"] == "new"


# ---- who asked without an account


def called(scene: Scene) -> str:
    """A request that somebody without an account made by telephone."""
    who = {"name": f"{SECRET} name", "contact": f"{SECRET} contact"}
    answer = scene.office.post(REQUESTS, asked(scene, requester=who))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["service_request_id"])


def test_who_asked_by_telephone_is_read_by_the_office_of_the_site_alone(scene: Scene) -> None:
    organization = scene.organization
    request_id = called(scene)
    path = f"{REQUESTS}/{request_id}/requester"
    told = scene.office.request("GET", path)
    assert told.json() == {"name": f"{SECRET} name", "contact": f"{SECRET} contact"}
    elsewhere = organization.device(organization.person("planner", organization.site()))
    for client in (elsewhere, scene.field):
        theirs, nobodys = client.request("GET", path), client.request("GET", f"{REQUESTS}/{new_id()}/requester")
        assert (theirs.status_code, theirs.json()) == (404, nobodys.json())
    for client in (scene.office, scene.field, elsewhere):
        client.sync()
        assert SECRET not in str(client.mirror.rows), "no device ever gets it"
    assert SECRET not in scene.office.request("GET", REQUESTS).text
    assert SECRET not in str(activity.said(organization))
    assert organization.stands("service_request", request_id)["is_for_other"] is True


def test_no_role_but_that_of_credentials_reads_who_asked(server: Server, scene: Scene) -> None:
    called(scene)
    readers = []
    with psycopg.connect(server.owner_url) as connection:
        for role in ("cmms_app_sync", "cmms_app_office", "cmms_worker", "cmms_readonly", "cmms_authn"):
            with connection.transaction(force_rollback=True):
                connection.execute(f"set local role {role}".encode())
                connection.execute("select set_config('app.organization_id', %s, true)", (scene.organization.id,))
                try:
                    with connection.transaction():
                        readers += [role] * len(connection.execute("select name from service_requester").fetchall())
                except psycopg.errors.InsufficientPrivilege:
                    continue
    assert readers == ["cmms_authn"]


@pytest.mark.parametrize(
    "who", [{"name": " "}, {"name": "x" * 201}, {"name": "N", "contact": "x" * 501}, {"name": "N\0"}]
)
def test_a_requester_that_cannot_be_leaves_no_request(scene: Scene, who: Json) -> None:
    answer = scene.office.post(REQUESTS, asked(scene, requester=who))
    assert answer.status_code in {400, 422}
    assert scene.organization.rows("service_request") == []


def test_a_request_that_is_refused_leaves_nobody_written_down(scene: Scene) -> None:
    far = scene.organization.site()
    answer = scene.office.post(REQUESTS, asked(scene, site_id=far["id"], requester={"name": SECRET}))
    assert answer.status_code in {403, 404}
    ((count,),) = scene.organization.ask(
        "select count(*) from service_requester where organization_id = %s", scene.organization.id
    )
    assert count == 0


# ---- the command line


def test_an_administrator_lists_accepts_declines_and_forgets(scene: Scene, run: Run) -> None:
    slug, request_id, other = scene.organization.slug, called(scene), filed(scene, scene.field)["id"]
    code, told, _ = run("request", "list", "--organization", slug, "--status", "new")
    assert (code, sorted(line.split()[0] for line in told.splitlines())) == (0, sorted([request_id, other]))
    code, told, _ = run("request", "accept", request_id, "--organization", slug, "--json")
    number = number_of(made_order_id(request_id))
    assert (code, json.loads(told)["number"]) == (0, number)
    assert run("request", "accept", request_id, "--organization", slug)[1] == (
        f"The request is accepted. Its order is {number}.\n"
    )
    assert len(orders_of(scene, request_id)) == 1
    declined = run("request", "decline", other, "--organization", slug, "--reason", "It is new.")
    assert declined[:2] == (0, "The request is declined.\n")
    assert run("request", "forget", request_id, "--organization", slug)[:2] == (0, "Nobody knows any more who asked.\n")
    assert scene.office.request("GET", f"{REQUESTS}/{request_id}/requester").status_code == 404
    kept = scene.organization.ask(
        "select t::text from service_requester t where organization_id = %s", scene.organization.id
    )
    assert SECRET not in str(kept)
    assert run("request", "forget", request_id, "--organization", slug)[1] == "Nobody was written down.\n"
    assert [act for act in activity.acts(scene.organization) if act.startswith("service_request")] == [
        "service_request.accepted",
        "service_request.declined",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("accept", "no-id"),
        ("accept", new_id()),
        ("decline", "{id}", "--reason", "..."),
        ("decline", "{id}", "--reason", "x" * 1001),
        ("decline", "{id}"),
        ("forget", "no-id"),
        ("list", "--status", "burnt"),
    ],
)
def test_a_command_that_cannot_be_is_refused_in_one_sentence(scene: Scene, run: Run, words: tuple[str, ...]) -> None:
    request = filed(scene, scene.field)
    said = (word.format(id=request["id"]) for word in words)
    code, told, why = run("request", *said, "--organization", scene.organization.slug)
    assert (code, told, why.count("\n")) == (2, "", 1)
    assert "Traceback" not in why
    assert scene.organization.stands("service_request", request["id"])["status"] == "new"


def test_what_somebody_wrote_moves_no_cursor_of_an_administrators_terminal(scene: Scene, run: Run) -> None:
    organization = scene.organization
    organization.change("work_order", scene.order["id"], title="Ruthenium \x1b]0;owned\x07\x9b2J")
    code, told, _ = run("search", "ruthenium", "--organization", organization.slug)
    assert (code, told.isprintable(), told.rstrip("\n").isprintable()) == (0, False, True)
    assert "Ruthenium" in told
