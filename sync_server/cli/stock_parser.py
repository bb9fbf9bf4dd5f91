"""The commands about vendors, stock and companies, as they are typed. What they need is imported when one runs."""

from argparse import ArgumentTypeError, Namespace, _SubParsersAction
from decimal import Decimal

from sync_server.cli.contractor_parser import add_contractors
from sync_server.cli.parsing import Answer, Parser, answering


def add_stock(commands: "_SubParsersAction[Parser]") -> None:
    """Describe them."""
    vendor = commands.add_parser("vendor", help="keep whom parts are bought from")
    _add_vendors(vendor.add_subparsers(dest="action", required=True, metavar="ACTION"))
    stock = commands.add_parser("stock", help="see what is to be reordered; say when, and how much there is room for")
    _add_parts(stock.add_subparsers(dest="action", required=True, metavar="ACTION"))
    add_contractors(commands)


def _add_vendors(actions: "_SubParsersAction[Parser]") -> None:
    put = actions.add_parser("set", help="make a vendor, or change the one with this code")
    put.add_argument("code", metavar="CODE", help="its number at the organization")
    put.add_argument("--name", help="what people call it")
    put.add_argument("--currency", metavar="CODE", help='in what it is paid, such as EUR; "" for any')
    _of_organization(put)
    answering(put, _set_vendor)
    listed = actions.add_parser("list", help="list vendors, and whom to ask there")
    _of_organization(listed)
    answering(listed, _list_vendors)
    contact = actions.add_parser("contact", help="write down whom to ask at a vendor, or remove somebody for good")
    contact.add_argument("code", metavar="CODE")
    contact.add_argument("name", metavar="NAME", help="who it is")
    contact.add_argument("--phone", metavar="NUMBER")
    contact.add_argument("--email", metavar="ADDRESS")
    contact.add_argument("--forget", action="store_true", help="remove this person")
    _of_organization(contact)
    answering(contact, _contact)


def _add_parts(actions: "_SubParsersAction[Parser]") -> None:
    low = actions.add_parser("low", help="list what is to be reordered, with how much and from whom")
    _of_organization(low)
    answering(low, _low)
    reorder = actions.add_parser("reorder", help="say when a part is to be reordered; without --at: never")
    reorder.add_argument("part", metavar="CODE")
    reorder.add_argument("--at", type=_number, metavar="N", help="where a site holds so much or less")
    reorder.add_argument("--quantity", type=_number, metavar="N", help="how much is ordered at once")
    reorder.add_argument("--vendor", metavar="CODE", help="whom it is bought from")
    _of_organization(reorder)
    answering(reorder, _reorder)
    room = actions.add_parser("room", help="say how much a stock location has room for; without --for: nobody knows")
    room.add_argument("place", metavar="CODE")
    room.add_argument("--site", required=True, metavar="CODE", help="where it is")
    room.add_argument("--for", type=_number, dest="capacity", metavar="N", help="in all, each part in its unit")
    _of_organization(room)
    answering(room, _room)


def _of_organization(parser: Parser) -> None:
    parser.add_argument("--organization", required=True, metavar="SLUG")


def _number(text: str) -> Decimal:
    from sync_server.contract.rules.reading import parse_decimal

    number = parse_decimal(text)
    if number is None:
        raise ArgumentTypeError("a quantity is written like 2.5")
    return number


def _set_vendor(options: Namespace) -> Answer:
    from sync_server.application.vendors import Vendor
    from sync_server.cli import stock

    return stock.put_vendor(options.organization, Vendor(options.code, options.name, options.currency))


def _list_vendors(options: Namespace) -> Answer:
    from sync_server.cli import stock

    return stock.list_vendors(options.organization)


def _contact(options: Namespace) -> Answer:
    from sync_server.application.vendors import Contact
    from sync_server.cli import stock

    if options.forget:
        return stock.forget_contact(options.organization, options.code, options.name)
    return stock.put_contact(options.organization, options.code, Contact(options.name, options.phone, options.email))


def _low(options: Namespace) -> Answer:
    from sync_server.cli import finding

    return finding.low_stock(options.organization)


def _reorder(options: Namespace) -> Answer:
    from sync_server.application.stocking import Reordering
    from sync_server.cli import stock

    said = Reordering(options.at, options.quantity, options.vendor)
    return stock.reorder(options.organization, options.part, said)


def _room(options: Namespace) -> Answer:
    from sync_server.cli import stock

    return stock.room(options.organization, options.site, options.place, capacity=options.capacity)
