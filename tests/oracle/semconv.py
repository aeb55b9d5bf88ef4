"""Attributes under two names: the table of docs/language.md, "Names that changed", read from that page."""

import os
import re
from functools import cache

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "language.md")


@cache
def pairs():
    """[(old name, new name, kinds)], kinds being `any`, `server`, `others`."""
    with open(PAGE, encoding="utf-8") as source:
        part = source.read().split("| old name | new name | kinds |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (any|`server`|all but `server`) \|$", part, re.M)
    return [(old, new, {"any": "any", "`server`": "server"}.get(kinds, "others")) for old, new, kinds in rows]


@cache
def others(name):
    """((other name, kinds), …) of a key, in the order of the rows."""
    return tuple((new if name == old else old, kinds) for old, new, kinds in pairs() if name in (old, new))


def there(attributes, key, kind):
    """The value of a key, as it is written or under another of its names; None where there is none."""
    value = attributes.get(key.name)
    for other, kinds in key.others:
        if value is None and (kinds == "any" or (kinds == "server") == (kind == "server")):
            value = attributes.get(other)
    return value
