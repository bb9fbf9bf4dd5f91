"""Rules of row security as people read them: the two long expressions that all of them share get a name."""

import re

EVERYWHERE = "organization_only"
"""The policy that every table has."""

THIS_ORGANIZATION = "THIS_ORGANIZATION"
THESE_SITES = "THESE_SITES"

_SETTING = r"\(NULLIF\(current_setting\('app\.{name}'::text, true\), ''::text\)"
_SITES = _SETTING.format(name="site_ids").removeprefix("\\(")

_NAMED = (
    (_SETTING.format(name="organization_id") + r"\)::uuid", THIS_ORGANIZATION),
    (
        r"\(\( SELECT \(string_to_array\(" + _SITES + r", ','::text\)\)::uuid\[\] AS string_to_array\)::uuid\[\]\)",
        f"({THESE_SITES})",
    ),
    (
        r"\(EXISTS \( SELECT FROM (\w+) r WHERE"
        r" \(\(r\.organization_id = \w+\.organization_id\) AND \(r\.id = \w+\.(\w+)\)",
        r"(\2 OF \1",
    ),
    (r"(OF \w+)\)\)\)", r"\1)"),
    (r"(OF \w+) AND \(r\.(site_id = ANY \(\w+\))\)\)\)\)", r"\1, \2)"),
)
"""What PostgreSQL writes, and what the page says instead: `x_id OF table` is a row of that table that he sees."""


def shortened(rule: str) -> str:
    """Write a rule on one line, with names for what all rules share."""
    text = re.sub(r"\s+", " ", rule).strip()
    for pattern, name in _NAMED:
        text = re.sub(pattern, name, text)
    return text.removeprefix("(").removesuffix(")") if _is_wrapped(text) else text


def _is_wrapped(text: str) -> bool:
    """Whether one pair of parentheses is around all of it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and place == len(text) - 1
    return False
