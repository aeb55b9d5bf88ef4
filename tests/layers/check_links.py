"""Checks the targets and their archives against the table of layers.

The build writes one line for each archive: its folder, its file, the targets it links (comma-separated), its name.
"""
import os
import subprocess
from collections import namedtuple

from tests.layers.table import LAYERS, layer_of

Archive = namedtuple("Archive", "folder path links name")


def read_archives(listing):
    """The archives of a build, from the file it wrote."""
    with open(listing, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("|") for line in file if line.strip()]
    return [Archive(folder, path, [x for x in links.split(",") if x], name) for folder, path, links, name in rows]


def declared_violations(archives):
    """Links that CMake declares and the table forbids."""
    folder_of = {a.name: a.folder for a in archives}
    found = []
    for archive in archives:
        layer = layer_of(archive.folder)
        allowed, _, third_party = LAYERS[layer]
        for link in archive.links:
            if link in ("assertd_warnings", "assertd_instrumentation") or link.startswith("$<"):
                continue
            target = link if link in third_party else link.replace("PkgConfig::", "")
            owner = layer_of(folder_of[link]) if link in folder_of else layer_by_target(link)
            if owner is None and target not in third_party:
                found.append(f"{archive.name} links {link}, which {layer} does not own")
            elif owner is not None and owner != layer and owner not in allowed:
                found.append(f"{archive.name} links {link} of {owner}, which {layer} may not see")
    return found


def layer_by_target(target):
    """The layer of a target that has no archive yet, by its name: assertd_net is daemon/net."""
    noun = target.removeprefix("assertd_")
    return next((layer for layer in LAYERS if layer.split("/")[-1] == noun and noun != target), None)


def symbols(path, nm):
    """The names that an archive defines, and those it needs from elsewhere."""
    out = subprocess.run([nm, "--extern-only", "--portability", path], check=True, capture_output=True, text=True)
    defined, needed = set(), set()
    for line in out.stdout.splitlines():
        words = line.split()
        if len(words) >= 2 and len(words[1]) == 1:
            (needed if words[1] in "Uvw" else defined).add(words[0])
    return defined, needed - defined


def symbol_violations(archives, nm="nm"):
    """Names that an archive takes from an archive of a layer that it may not see."""
    tables = [(layer_of(a.folder), os.path.basename(a.path), *symbols(a.path, nm)) for a in archives]
    found = []
    for layer, name, _, needed in tables:
        visible = {layer, *LAYERS[layer][0]}
        available = set().union(*(defined for other, _, defined, _ in tables if other in visible))
        for other, other_name, defined, _ in tables:
            if other not in visible:
                found += [f"{name} needs {s} of {other_name}, which {layer} may not see"
                          for s in sorted((needed - available) & defined)]
    return found
