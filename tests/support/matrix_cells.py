"""Every cell of the permission matrix as something that a person tries: what it is tried with, and on which record."""

from datetime import UTC, datetime

import msgspec

from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Base, Clock, Mutation
from sync_server.contract.rules import signed_body
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.draft import stub_id
from sync_server.contract.version import MUTATION
from tests.support.device_side import Json
from tests.support.matrix_world import Build, Builder, Trying, all_inside, all_three, deleted, edited, made, made_inside
from tests.support.server_side import NOW, new_id


def signature(t: Trying) -> Build:
    """State, with the own key, that the work was done; the customer, that he accepts it."""
    meaning = "accepted" if t.role == "customer" else "performed"

    def build() -> Json:
        said = signed_body.Statement(
            organization_id=t.world.organization.id,
            device_id=t.client.device.id,
            user_id=t.client.person_id,
            role=t.role,
            meaning=meaning,
            printed_name="Somebody",
            device_at=NOW,
            offset_ms=0,
            order={**t.order},
            ink=[[(10, 10, 0), (20, 15, 16)]],
        )
        built = signed_body.build_signed_body(said, new_salt=lambda: bytes(16))
        assert isinstance(built, signed_body.SignedBody), built
        return t.client.create(
            "signature",
            aggregate_id=t.order["id"],
            work_order_id=t.order["id"],
            meaning=meaning,
            signer_id=t.client.person_id,
            signer_role=t.role,
            signer_device_id=t.client.device.id,
            body=built.body.decode(),
            body_sha256=signed_body.sha256_of(built.body),
            signature=t.client.device.sign(signed_body.signing_input(meaning, built.body)),
            signed_at=NOW,
        )

    return build


def a_signature(t: Trying) -> Row:
    said = {"meaning": "accepted", "signer_id": t.person["id"], "signer_role": "customer", "signer_device_id": new_id()}
    return t.inside("signature", **said, body="{}", body_sha256="0" * 64, signature="x", signed_at=NOW)


def settled(t: Trying) -> Build:
    """Settle a conflict about the title of his order."""
    values = {"base_value": '"Old"', "mine_value": '"Mine"', "theirs_value": '"Order"'}
    about = {"target_entity": "work_order", "target_id": t.order["id"], "field": "title", "kind": "field"}
    row = t.inside("conflict", **values, **about, author_id=t.world.colleague["id"], mutation_id=new_id())
    chosen = {"resolution": [None, "theirs"], "resolved_value": ['"Order"', '"Order"']}
    return lambda: t.client.mutation("conflict.resolve", row["id"], aggregate_id=t.order["id"], set=chosen)


def held(t: Trying) -> Row:
    """A colleague's edit of his order, which waits for somebody to decide."""
    kept = Mutation(
        mutation_id=new_id(),
        device=new_id(),
        user=str(t.world.colleague["id"]),
        group=new_id(),
        type="work_order.set",
        v=MUTATION,
        aggregate_id=str(t.order["id"]),
        entity="work_order",
        id=str(t.order["id"]),
        base=Base(epoch="", version=1, seq=0),
        set={"title": ("Order", "Late")},
        at=Clock(device=NOW),
    )
    about = {"target_aggregate_id": t.order["id"], "mutation_id": kept.mutation_id, "why": "access_lost"}
    body = msgspec.json.encode(kept).decode()
    return t.put("held_mutation", author_id=kept.user, site_id=t.world.site["id"], body=body, **about)


def moved(start: str, **values: Scalar) -> Builder:
    """Take an order from a state to another one, with a reason where one is asked for."""
    return edited("work_order", lambda t: t.an_order(start), **values)


def movement(t: Trying) -> Build:
    """Use a part for the own order, or, without one, out of the site's store."""
    order_id = t.order["id"] if t.place == "holder" else None
    return lambda: t.client.movement(t.world.store["id"], t.world.part["id"], "-1", order_id=order_id)


def at_site(t: Trying) -> dict[str, Scalar]:
    return {"site_id": t.world.site["id"], "code": new_id(), "name": "Made"}


def siteless(_: Trying) -> dict[str, Scalar]:
    return {"code": new_id(), "name": "Made"}


def visit(t: Trying) -> dict[str, Scalar]:
    return {"person_id": t.person["id"]}


def item(t: Trying) -> dict[str, Scalar]:
    checklist = t.inside("checklist", name="List")
    return {"checklist_id": checklist["id"], "key": "a", "kind": "pass_fail", "prompt": "Ok?"}


def access(t: Trying) -> dict[str, Scalar]:
    whose = t.world.colleague["id"]
    return {"aggregate_id": whose, "person_id": whose, "site_id": t.world.site["id"], "role": "customer"}


def of_template(t: Trying) -> dict[str, Scalar]:
    template = t.put("work_order_template", name="Round", title="Round")
    return {"aggregate_id": template["id"], "work_order_template_id": template["id"], "part_id": t.world.part["id"]}


def cost(t: Trying) -> dict[str, Scalar]:
    """A cost of an order at the site, which somebody who works there has had: of others he knows nothing to name."""
    order = t.order
    if t.place == "at_site":
        order = t.an_order("assigned")
        t.put("work_order_assignment", aggregate_id=order["id"], work_order_id=order["id"], person_id=t.person["id"])
    at = {"site_id": t.world.site["id"], "work_order_id": order["id"]}
    return {**at, "kind": "travel", "amount_minor": 250, "currency": "EUR"}


def costed(t: Trying) -> Build:
    said = cost(t)
    return lambda: t.client.create("work_order_cost", **said)


def own_cost(t: Trying) -> Row:
    """His own, where he holds it; else a colleague's."""
    author = t.person if t.place == "holder" else t.world.colleague
    return t.put("work_order_cost", **cost(t), created_by=author["id"])


def asked_for(t: Trying) -> dict[str, Scalar]:
    return {"site_id": t.world.site["id"], "title": "Oil under the pump"}


def own_request(t: Trying) -> Row:
    """His own, where he holds an order; else a colleague's."""
    author = t.person if t.place == "holder" else t.world.colleague
    return t.put("service_request", **asked_for(t), created_by=author["id"])


def request_step(verb: str, **said: Scalar) -> Builder:
    def build(t: Trying) -> Build:
        row = own_request(t)
        pairs = {name: [None, value] for name, value in said.items()}
        return lambda: t.client.mutation(f"service_request.{verb}", row["id"], aggregate_id=row["id"], set=pairs)

    return build


def told(t: Trying) -> Build:
    """Say that he has read what he was told; it is his own where he holds an order, else a colleague's."""
    whose = t.person if t.place == "holder" else t.world.colleague
    about = {"subject": "work_order", "subject_id": t.order["id"], "received_on": datetime.now(UTC).date().isoformat()}
    row = t.put("notification", person_id=whose["id"], kind="assigned", title="Order", **about)
    return lambda: t.client.mutation("notification.read", row["id"], aggregate_id=row["id"])


def planned(t: Trying) -> dict[str, Scalar]:
    """A colleague's training; his own, where he holds an order: to have it on his calendar lets him change nothing."""
    whose = t.person if t.place == "holder" else t.world.colleague
    times = {"begins_at": NOW, "ends_at": "2026-03-02T16:00:00.000000Z"}
    return {"person_id": whose["id"], "site_id": t.world.site["id"], "kind": "training", "title": "First aid", **times}


def of_site(t: Trying) -> dict[str, Scalar]:
    """An asset that everybody of the site knows by its label."""
    said = at_site(t)
    asset_id = str(t.put("asset", **said)["id"])
    t.put("asset_stub", id=stub_id(asset_id), asset_id=asset_id, **said)
    return {"asset_id": asset_id}


def of_asset(t: Trying) -> dict[str, Scalar]:
    asset_id = t.an_asset()["id"]
    return {"aggregate_id": asset_id, "asset_id": asset_id}


def metered(t: Trying) -> dict[str, Scalar]:
    return {**of_asset(t), "name": "Pressure", "unit": "bar"}


def read(t: Trying, meter: Row) -> Build:
    root, said = meter["aggregate_id"], {"value": [None, "4"]}
    return lambda: t.client.mutation("meter.read", meter["id"], aggregate_id=root, set=said)


def extra(t: Trying) -> dict[str, Scalar]:
    return {"person_id": t.world.colleague["id"], "resource": "work_order", "action": "review", "scope": "own"}


def member(t: Trying) -> dict[str, Scalar]:
    team = t.put("team", name="Team", site_id=t.world.site["id"])
    return {"aggregate_id": team["id"], "team_id": team["id"], "person_id": t.world.colleague["id"]}


def wanted(t: Trying) -> dict[str, Scalar]:
    return {"part_id": t.world.part["id"], "stock_location_id": t.world.store["id"], "quantity": "1.0000"}


def tagged(t: Trying, *, is_there: bool) -> tuple[dict[str, Scalar], str]:
    """A tag on his order: what the row says, and its id."""
    tag = t.put("tag", name=new_id())
    row_id = attached_id("entity_tag", str(t.order["id"]), str(tag["id"]))
    said: dict[str, Scalar] = {"work_order_id": t.order["id"], "tag_id": tag["id"]}
    if is_there:
        t.inside("entity_tag", id=row_id, **said)
    return said, row_id


def put_on(t: Trying) -> Build:
    said, row_id = tagged(t, is_there=False)
    return lambda: t.client.create("entity_tag", aggregate_id=t.order["id"], id_=row_id, **said)


def taken_off(t: Trying) -> Build:
    _, row_id = tagged(t, is_there=True)
    return lambda: t.client.mutation("entity_tag.delete", row_id, aggregate_id=t.order["id"])


def valued(t: Trying, *, is_there: bool) -> tuple[dict[str, Scalar], Row]:
    """What is entered in a field of his order: what the row says, and the row, which may be only planned."""
    field = t.put("custom_field", subject="work_order", kind="text", name="Color")
    said: dict[str, Scalar] = {"work_order_id": t.order["id"], "field_id": field["id"], "kind": "text"}
    row_id = attached_id("custom_field_value", str(t.order["id"]), str(field["id"]))
    if is_there:
        return said, t.inside("custom_field_value", id=row_id, **said)
    return said, {"id": row_id}


def entered(t: Trying) -> Build:
    said, row = valued(t, is_there=False)
    return lambda: t.client.create(
        "custom_field_value", aggregate_id=t.order["id"], id_=row["id"], text_value="Red", **said
    )


BUILDERS: dict[tuple[str, str], Builder] = {
    ("work_order", "create"): made(
        "work_order", lambda t: {"number": new_id(), "title": "X", "site_id": t.world.site["id"]}
    ),
    ("work_order", "change"): edited("work_order", lambda t: t.an_order("assigned"), title="Changed"),
    ("work_order", "delete"): deleted("work_order", lambda t: t.an_order("assigned")),
    ("work_order", "plan"): edited(
        "work_order", lambda t: t.an_order("assigned"), due_at="2026-04-01T08:00:00.000000Z"
    ),
    ("work_order", "work"): moved("assigned", status="in_progress"),
    ("work_order", "complete"): moved("in_progress", status="completed"),
    ("work_order", "review"): moved("completed", status="in_progress", status_reason="Valve open"),
    ("work_order", "reopen"): moved("closed", status="in_progress", status_reason="Valve open"),
    **all_inside("work_order_assignment", lambda t: {"person_id": t.world.colleague["id"]}),
    ("work_order_assignment", "plan"): edited(
        "work_order_assignment",
        lambda t: t.inside("work_order_assignment", person_id=t.world.colleague["id"]),
        person_id=None,
    ),
    **all_inside("work_order_asset", of_site, note="Changed"),
    ("work_order_asset", "delete"): deleted(
        "work_order_asset", lambda t: t.inside("work_order_asset", **of_site(t), created_by=t.person["id"])
    ),
    ("work_order_asset", "plan"): edited(
        "work_order_asset", lambda t: t.inside("work_order_asset", **of_site(t)), position=5
    ),
    **all_inside("work_order_part", lambda t: {"part_id": t.world.part["id"]}, quantity="2.0000"),
    ("work_order_cost", "create"): costed,
    ("work_order_cost", "delete"): deleted("work_order_cost", own_cost),
    ("service_request", "create"): made("service_request", asked_for),
    ("service_request", "change"): request_step("withdraw"),
    ("service_request", "decide"): request_step("decline", reason="It is new."),
    ("notification", "change"): told,
    **all_inside("checklist", lambda _: {"name": "List"}),
    **all_inside("checklist_item", item, note="Seen"),
    **all_inside("work_log", visit, work_minutes=5),
    ("work_log_event", "create"): made_inside(
        "work_log_event",
        lambda t: {"work_log_id": t.inside("work_log", **visit(t))["id"], "kind": "arrive", "device_at": NOW},
    ),
    ("comment", "create"): lambda t: lambda: t.client.comment(t.order),
    ("attachment", "create"): made_inside(
        "attachment",
        lambda t: {
            "author_id": t.person["id"],
            "sha256": "0" * 64,
            "media_type": "image/png",
            "size_bytes": 1,
            "taken_at": NOW,
        },
    ),
    ("signature", "create"): signature,
    ("personal_value", "create"): made_inside(
        "personal_value", lambda t: {"signature_id": a_signature(t)["id"], "path": "/printed_name", "commitment": "x"}
    ),
    ("stock_movement", "create"): movement,
    **all_inside("part_request", wanted),
    ("part_request", "change"): edited("part_request", lambda t: t.inside("part_request", **wanted(t))),
    ("part_request", "plan"): edited("part_request", lambda t: t.inside("part_request", **wanted(t)), status="ordered"),
    ("asset", "create"): made("asset", at_site),
    ("asset", "change"): edited("asset", Trying.an_asset, name="Changed"),
    ("asset", "delete"): deleted("asset", Trying.an_asset),
    ("asset", "plan"): edited("asset", Trying.an_asset, health_score=50),
    **all_three("meter", metered),
    ("meter", "change"): lambda t: read(t, t.put("meter", **metered(t))),
    ("meter", "plan"): edited("meter", lambda t: t.put("meter", **metered(t)), unit="kPa"),
    **all_three("asset_specification", lambda t: {**of_asset(t), "name": "Power", "value": "4"}, value="5"),
    **all_three("asset_document", lambda t: {**of_asset(t), "title": "Manual"}, title="Changed"),
    **all_three("asset_relation", lambda t: {**of_asset(t), "kind": "feeds", "other_asset_id": t.an_asset()["id"]}),
    **all_three("tag", lambda _: {"name": new_id()}, meaning="Changed"),
    **all_three("custom_field", lambda _: {"subject": "work_order", "kind": "text", "name": "Color"}, name="Changed"),
    ("custom_field_value", "create"): entered,
    ("custom_field_value", "change"): edited(
        "custom_field_value", lambda t: valued(t, is_there=True)[1], text_value="Blue"
    ),
    ("custom_field_value", "delete"): deleted("custom_field_value", lambda t: valued(t, is_there=True)[1]),
    ("entity_tag", "create"): put_on,
    ("entity_tag", "delete"): taken_off,
    ("conflict", "settle"): settled,
    ("held_mutation", "decide"): edited("held_mutation", held, decision="refused", reason="No."),
    **all_three("calendar_event", planned, title="Changed"),
    **all_three("location", lambda t: {**at_site(t), "kind": "room"}, name="Changed"),
    **all_three("stock_location", lambda t: {**at_site(t), "kind": "bin"}, name="Changed"),
    **all_three("asset_type", siteless, name="Changed"),
    **all_three("part", siteless, name="Changed"),
    **all_three("vendor", siteless, name="Changed"),
    **all_three("checklist_template", lambda t: {**siteless(t), "items": "[]"}, name="Changed"),
    **all_three("work_order_template", lambda _: {"name": "Round", "title": "Round"}, name="Changed"),
    **all_three("work_order_template_part", of_template, quantity="2.0000"),
    **all_three("team", lambda t: {"name": "Team", "site_id": t.world.site["id"]}, name="Changed"),
    **all_three("site", siteless, name="Changed"),
    **all_three("person", lambda _: {"name": "Somebody", "role": "customer"}, name="Changed"),
    **all_three("site_access", access, role="technician"),
    **all_three("team_member", member),
    ("person_permission", "create"): made("person_permission", extra),
    ("person_permission", "delete"): deleted("person_permission", lambda t: t.put("person_permission", **extra(t))),
}
"""(resource, action) → how somebody tries it. A change without fields changes nothing and asks for the right."""
