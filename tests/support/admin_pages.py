"""The pages for administrators and the commands on them, by the part of the page and so by who types them."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "packaging" / "server"
SERVER, LAPTOPS = "The server", "The laptops"


def parts(page: str) -> dict[str, list[str]]:
    """Every line of every block of commands, in order, by the heading above it; "": before the first one."""
    text = (PAGES / page).read_text("utf-8")
    first, *others = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return {"": _lines(first), **{name: _lines(body) for name, body in zip(others[::2], others[1::2], strict=True)}}


def commands(page: str, part: str = "") -> list[str]:
    """Give the commands of one part of a page."""
    return parts(page)[part]


def _lines(text: str) -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
