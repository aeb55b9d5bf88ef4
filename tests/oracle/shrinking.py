"""Makes a run smaller that shows a difference."""

import copy
import subprocess

from . import suites


def shrink(compare, batch, kind, limit=250):
    """A smaller batch that still differs in the same kind of place; `compare(batch)` gives the differences."""
    tries = 0

    def differs(candidate):
        nonlocal tries
        tries += 1
        try:
            return any(one.kind == kind for one in compare(candidate))
        except (suites.ConfigError, subprocess.TimeoutExpired):
            return False

    for path in _lists(batch):
        batch = _shrink_list(batch, path, differs, lambda: tries < limit)
    for path in _lists(batch)[1:]:
        batch = _shrink_list(batch, path, differs, lambda: tries < 2 * limit)
    return batch


def _lists(batch):
    paths = [("config", "suites")]
    for number, suite in enumerate(batch.config["suites"][:2]):
        paths += [("config", "suites", number, part) for part in ("thresholds", "assertions") if part in suite]
        for place, assertion in enumerate(suite["assertions"][:2]):
            if isinstance(assertion["assert"], list):
                paths.append(("config", "suites", number, "assertions", place, "assert"))
    paths.append(("spans",))
    if batch.injections:
        paths.append(("injections",))
    for number in range(min(6, len(batch.spans))):
        paths += [("spans", number, 2, part) for part in ("attributes", "events") if part in batch.spans[number][2]]
    return paths


def _get(batch, path):
    value = getattr(batch, path[0])
    for part in path[1:]:
        value = value[part]
    return value


def _with(batch, path, items):
    made = copy.deepcopy(batch)
    owner = made if len(path) == 1 else _get(made, path[:-1])
    if len(path) == 1:
        setattr(made, path[0], items)
    else:
        owner[path[-1]] = items
    return made


def _shrink_list(batch, path, differs, more):
    try:
        items = _get(batch, path)
    except (IndexError, KeyError, TypeError):
        return batch
    if not isinstance(items, list):
        return batch
    least = 1 if path[-1] in ("assert",) else 0
    size = len(items)
    while size >= 1 and more():
        at = 0
        while at < len(items) and more():
            kept = items[:at] + items[at + size:]
            if len(kept) >= least and differs(_with(batch, path, copy.deepcopy(kept))):
                items = kept
                batch = _with(batch, path, copy.deepcopy(kept))
            else:
                at += size
        size //= 2
    return batch
