"""The commands about an organization's own rules, as they are typed. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction

from sync_server.cli.parsing import Answer, Parser, answering

EVENTS = ("order-created", "order-completed", "order-returned", "reading-critical")
FIELDS = {"type": "type", "priority": "priority", "site": "site_id", "asset": "asset_id", "meter": "meter"}
ACTIONS = ("add_tag", "set_priority", "make_order")


def add_rules(actions: "_SubParsersAction[Parser]") -> None:
    """Describe what is done with rules."""
    add = actions.add_parser("add", help="let something happen by itself, on what devices and the office do")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--organization", required=True, metavar="SLUG")
    add.add_argument("--on", required=True, choices=EVENTS, metavar="|".join(EVENTS), help="what has to happen")
    add.add_argument(
        "--when",
        action="append",
        default=[],
        type=_condition,
        metavar="FIELD=VALUE,…",
        help=f"only where it is one of these, or with != none of them: {', '.join(FIELDS)}; may be repeated",
    )
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument("--add-tag", metavar="WORD", help="tag that the order, or the asset of the meter, gets")
    what.add_argument("--set-priority", metavar="PRIORITY", help="priority that the order gets")
    what.add_argument("--make-order", metavar="TEMPLATE", help="template that an order is made of, at the same place")
    answering(add, _add)
    listed = actions.add_parser("list", help="list rules, with why those that are off are")
    listed.add_argument("--organization", required=True, metavar="SLUG")
    answering(listed, _list)
    off = actions.add_parser("off", help="switch a rule off for good")
    off.add_argument("name", metavar="NAME")
    off.add_argument("--organization", required=True, metavar="SLUG")
    answering(off, _off)


def _condition(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Read `priority=high,critical` or `site!=SN` as field, test and values."""
    named, _, values = text.partition("=")
    name, test = (named[:-1], "none_of") if named.endswith("!") else (named, "one_of")
    if name not in FIELDS or not values:
        raise ArgumentTypeError(f"a condition is written like priority=high, of {', '.join(FIELDS)}")
    return FIELDS[name], test, tuple(values.split(","))


def _add(options: Namespace) -> Answer:
    from sync_server.application.tenants.rules import Wanted
    from sync_server.cli import rules
    from sync_server.contract.rules.automation import Condition

    (action,) = [each for each in ACTIONS if getattr(options, each) is not None]
    conditions = tuple(Condition(*each) for each in options.when)
    wanted = Wanted(options.name, options.on.replace("-", "_"), action, getattr(options, action), conditions)
    return rules.add(options.organization, wanted)


def _list(options: Namespace) -> Answer:
    from sync_server.cli import rules

    return rules.list_all(options.organization)


def _off(options: Namespace) -> Answer:
    from sync_server.cli import rules

    return rules.switch_off(options.organization, options.name)
