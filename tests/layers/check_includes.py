"""Checks each #include of the program against the table of layers."""
import os
import re

from tests.layers.table import LAYERS, LIBC, layer_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]')


def sources(root):
    """Every C source and header of the program, relative to the root, sorted."""
    found = []
    for top in sorted({layer.split("/")[0] for layer in LAYERS}):
        for folder, _, names in os.walk(os.path.join(root, top)):
            found += [os.path.relpath(os.path.join(folder, n), root) for n in names if n.endswith((".c", ".h"))]
    return sorted(found)


def refusal(root, path, quote, header):
    """Why this include is forbidden, or None."""
    layer = layer_of(path)
    allowed, third_party, _ = LAYERS[layer]
    if quote == '"' and not header.endswith(".pb-c.h"):
        owner = layer_of(header)
        if owner is None or not os.path.exists(os.path.join(root, header)):
            return "is not a header of the program written from the repository root"
        if owner != layer and owner not in allowed:
            return f"belongs to {owner}, which {layer} may not see"
        return None
    if LIBC.match(header):
        return None
    if path.endswith(".h"):
        return "is third-party: only .c files may include it"
    if header.endswith(".pb-c.h"):
        return None if layer == "receivers" else "is generated for receivers"
    if not any(header == row or (row.endswith("/") and header.startswith(row)) for row in third_party):
        return f"is not owned by {layer} (tests/layers/table.py)"
    return None


def violations(root):
    """One line per forbidden include: file:line: what."""
    found = []
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                match = INCLUDE.match(line)
                reason = match and refusal(root, path, *match.groups())
                if reason:
                    found.append(f"{path}:{number}: {match.group(2)} {reason}")
    return found
