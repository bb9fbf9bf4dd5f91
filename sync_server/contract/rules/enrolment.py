"""How an enrolment code is written, so that it can be read out on the telephone and a slip of the finger is noticed.

27 characters of Crockford's base 32 (135 bits) and one that follows from them, in groups of four. Both sides read what
was typed with the same function. Never makes one up: chance is not a rule.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U."""
DRAWN: Final = 27
"""Characters that are drawn; 5 bits each."""
GROUP: Final = 4
LONGEST_TYPED: Final = 2_000
"""Characters of what is looked at; a link is shorter."""
_MEANT: Final = str.maketrans("OIL", "011")
_IN_LINK: Final = re.compile(r"[#&]code=([0-9A-Za-z-]+)")


def whole_code(drawn: str) -> str:
    """Add the last character to 27 drawn ones of the alphabet: 28, without hyphens."""
    total = sum((2 * place + 1) * ALPHABET.index(character) for place, character in enumerate(drawn))
    return drawn + ALPHABET[total % len(ALPHABET)]


def read_code(typed: str) -> str | None:
    """Give the 28 characters of what was typed or pasted, a link as well; None when it cannot be a code."""
    text = typed[:LONGEST_TYPED].strip()
    linked = _IN_LINK.search(text)
    code = re.sub(r"[\s-]", "", linked.group(1) if linked else text).upper().translate(_MEANT)
    if len(code) != DRAWN + 1 or not set(code) <= set(ALPHABET):
        return None
    return code if whole_code(code[:DRAWN]) == code else None


def shown_code(code: str) -> str:
    """Give a code as people read it: seven groups of four."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def code_link(server_url: str, *, organization: str, login: str, code: str) -> str:
    """Give the link that shows a code to whom it is for. What stands behind `#` never reaches a server or its logs."""
    said = urlencode({"organization": organization, "login": login, "code": shown_code(code)}, quote_via=quote)
    return f"{server_url.rstrip('/')}/enrol#{said}"
