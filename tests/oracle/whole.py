"""Conditions across spans: what they give (docs/language.md, "Across spans"). Written from that page alone.

Each evaluation gives (result, stays): whether a further span could not change it. The caller makes of it what short evidence allows.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from . import values
from .expressions import leaves
from .values import FALSE, INCOMPARABLE, TRUE, UNKNOWN, Duration, KeyValues

PASS, FAIL, ERROR, INCONCLUSIVE = "pass", "fail", "error", "inconclusive"

TRACE_TERMS = ("duration", "spans", "errors", "services", "depth", "roots", "fan_out", "repeats", "retries")
AGGREGATES = ("sum", "avg", "min", "max", "p", "distinct")


@dataclass(frozen=True)
class Whole:
    """One such condition. `kind` names its form, `parts` what stands in it; `names` the sets, None for the selected spans."""
    kind: str
    parts: dict = field(hash=False)
    names: tuple = ()
    reads_selection: bool = False


class Unjudged(Exception):
    """A key or a time that can't be read: the result that this is."""


# --- values of keys ---

def read(lookup, node, key):
    """The value of a key on a span; raises Unjudged(result)."""
    found, dropped = lookup(node, key)
    if not found:
        raise Unjudged(INCONCLUSIVE if dropped else FAIL)
    return found[0]


def text_of(value):
    """What makes two values equal; raises Unjudged."""
    if isinstance(value, (bytes, list, KeyValues)):
        raise Unjudged(ERROR)
    return value if isinstance(value, str) else values.canonical(value)


def need_times(node):
    """A span whose times are read."""
    if node.backwards:
        raise Unjudged(INCONCLUSIVE)


class Tally:
    """What was found out while spans were looked at."""

    def __init__(self):
        self.lasting_fail = False
        self.unjudged = set()

    def attempt(self, look):
        """The outcome of a look, or None where it could not be made."""
        try:
            return look()
        except Unjudged as found:
            self.unjudged.add(found.args[0])
            self.lasting_fail |= found.args[0] == FAIL
            return None

    def result(self, rest, stays=False):
        """The strongest; `rest` is told only where everything could be read."""
        if self.lasting_fail:
            return FAIL, True
        for result in (ERROR, INCONCLUSIVE):
            if result in self.unjudged:
                return result, False
        return rest, stays


def holds(value, op, literal):
    """Whether a comparison holds; raises Unjudged where it can't be made. `capture` only takes the value."""
    if op == "capture":
        literal.append(value)
        return True
    outcome = values.compare(value, op, literal)
    if outcome == INCOMPARABLE:
        raise Unjudged(ERROR)
    return outcome == TRUE


def _limits(literal):
    found = [values.as_number(one) if not isinstance(one, Duration) else int(one)
             for one in (literal if isinstance(literal, tuple) else (literal,))]
    return [int(one) for one in found]


def same_from(value, op, literal):
    """Whether a comparison has one answer for every greater value too."""
    if op == "capture":
        return False
    make = Duration if isinstance(value, Duration) else int
    limits = _limits(literal)
    probes = {int(value)} | {one for limit in limits for one in range(limit - 2, limit + 3)} | {max(limits + [int(value)]) + 5}
    return len({holds(make(one), op, literal) for one in probes if one >= int(value)} |
               {holds(value, op, literal)}) == 1


# --- how many ---

def judge_number(parts, outcomes):
    """exactly N, at least N, at most N; outcomes of the selected spans."""
    word, number = parts["word"], parts["number"]
    sure = sum(outcome == TRUE for outcome in outcomes)
    doubt = [outcome for outcome in outcomes if outcome in (INCOMPARABLE, UNKNOWN, values.CLOCK)]
    most = sure + len(doubt)
    open_result = (ERROR if INCOMPARABLE in doubt else INCONCLUSIVE), False
    if parts["percent"]:
        if not outcomes:
            return FAIL, False
        fits = {_share_fits(word, count, len(outcomes), number) for count in range(sure, most + 1)}
        return open_result if len(fits) > 1 else (PASS if fits == {True} else FAIL, False)
    if word == "at least":
        return (PASS, True) if sure >= number else open_result if most >= number else (FAIL, False)
    if sure > number:
        return FAIL, True
    if word == "at most":
        return open_result if most > number else (PASS, False)
    if most < number:
        return FAIL, False
    return open_result if doubt else (PASS, False)


def _share_fits(word, count, total, percent):
    return count * 100 >= percent * total if word == "at least" else count * 100 <= percent * total


# --- values of a set ---

def _numeric(value):
    if isinstance(value, Duration):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise Unjudged(ERROR)
    return value


def aggregate(word, percent, found):
    """What sum, avg … are of some values."""
    if word == "distinct":
        return len(set(found))
    if word == "min":
        return min(found)
    if word == "max":
        return max(found)
    if word == "p":
        return sorted(found)[-(-percent * len(found) // 100) - 1]
    timed = isinstance(found[0], Duration)
    if timed or word == "sum" and not any(isinstance(one, float) for one in found):
        total = sum(int(one) for one in found)
        if timed:
            return Duration(total if word == "sum" else abs(total) // len(found) * (1 if total >= 0 else -1))
        if not -2**63 <= total < 2**63:
            raise Unjudged(ERROR)
        return total
    total = 0.0
    for one in found:
        total += one
    return total if word == "sum" else total / len(found)


def judge_aggregate(parts, nodes, lookup):
    """sum, avg, min, max, p(N), distinct of a key."""
    word, key, op, literal = parts["word"], parts["key"], parts["op"], parts["literal"]
    if not nodes:
        return FAIL, False
    tally, found = Tally(), []

    def one(node):
        if not isinstance(key, tuple) and key.own == "duration":
            need_times(node)
        value = read(lookup, node, key)
        return text_of(value) if word == "distinct" else _numeric(value)
    for node in nodes:
        value = tally.attempt(lambda node=node: one(node))
        if value is not None:
            found.append(value)
    plain = not isinstance(key, tuple)
    lasts = key.name != "self_time" if plain else not any(leaf[-1].name == "self_time" for leaf in leaves(key))
    if found and lasts and (word in ("max", "distinct", "min") or word == "sum" and plain and key.own == "duration"):
        value = aggregate(word, None, found)
        if _breaks_for_good(word, value, op, literal):
            tally.lasting_fail = True
    if tally.lasting_fail or tally.unjudged:
        return tally.result(PASS)
    try:
        value = aggregate(word, parts.get("percent"), found)
        return (PASS if holds(value, op, literal) else FAIL), False
    except Unjudged as problem:
        return problem.args[0], False


def _breaks_for_good(word, value, op, literal):
    """Whether it is not so, and further spans can't mend it."""
    if op == "capture" or values.compare(value, op, literal) != FALSE or op not in ("<", "<=", ">", ">=", "=", "in"):
        return False
    literals = literal if isinstance(literal, tuple) else (literal,)
    beyond = "<" if word == "min" else ">"
    if op in ("=", "in"):
        return all(values.compare(value, beyond, one) == TRUE for one in literals)
    return op[0] == (">" if word == "min" else "<")


def judge_values(kind, key, sets, lookup):
    """same KEY in $a, $b; unique KEY in $a, $b."""
    if not all(sets):
        return FAIL, False
    tally, texts = Tally(), {}
    for node in {id(node): node for nodes in sets for node in nodes}.values():
        text = tally.attempt(lambda node=node: text_of(read(lookup, node, key)))
        if text is not None:
            texts[node] = text
    different = len(set(texts.values()))
    broken = different > 1 if kind == "same" else different < len(texts)
    tally.lasting_fail |= broken
    return tally.result(PASS)


# --- order in time ---

def _overlap(a, b):
    return a.span.start < b.span.end and b.span.start < a.span.end


def _alive(nodes):
    def at(moment):
        return sum(node.span.start <= moment < node.span.end or node.span.start == node.span.end == moment for node in nodes)
    return max((at(node.span.start) for node in nodes), default=0)


def judge_order(kind, parts, sets):
    """before, starts before, overlaps, apart from, gap, concurrency."""
    if not all(sets):
        return FAIL, False
    tally = Tally()
    good = []
    for nodes in sets:
        good.append([node for node in nodes if not node.backwards])
        if len(good[-1]) < len(nodes):
            tally.unjudged.add(INCONCLUSIVE)
    if kind == "concurrency":
        value = _alive(good[0])
        settled = same_from(value, parts["op"], parts["literal"])
        if settled:
            return (PASS if holds(value, parts["op"], parts["literal"]) else FAIL), True
        return tally.result(PASS if holds(value, parts["op"], parts["literal"]) else FAIL)
    if kind == "gap":
        if tally.unjudged:
            return tally.result(PASS)
        value = Duration(min(node.span.start for node in good[1]) - max(node.span.end for node in good[0]))
        return (PASS if holds(value, parts["op"], parts["literal"]) else FAIL), False
    pairs = [(a, b) for a in good[0] for b in good[1] if a is not b]
    if kind == "overlaps":
        lonely = any(not any(a is not b and _overlap(a, b) for b in good[1]) for a in good[0])
        return tally.result(FAIL if lonely else PASS)
    broken = {"before": lambda a, b: a.span.end > b.span.start, "starts before": lambda a, b: a.span.start > b.span.start,
              "apart from": _overlap}[kind]
    tally.lasting_fail |= any(broken(a, b) for a, b in pairs)
    return tally.result(PASS)


# --- one for each ---

def keyed(tally, nodes, key, lookup, timed):
    """{node: text of the key, or ''} of those that can be judged."""
    found = {}
    for node in nodes:
        def look(node=node):
            text = text_of(read(lookup, node, key)) if key else ""
            if timed:
                need_times(node)
            return text
        text = tally.attempt(look)
        if text is not None:
            found[node] = text
    return found


def judge_each(parts, sets, lookup):
    """each $a followed by $b …, each $a has … $b by KEY"""
    first, second = sets
    if not first or not second and parts["times"] != "at most":
        return FAIL, False
    tally = Tally()
    timed = parts["kind"] == "followed"
    left = keyed(tally, first, parts["key"], lookup, timed)
    right = keyed(tally, second, parts["key"], lookup, timed)
    few = False
    for a, text in left.items():
        count = sum(a is not b and text == other and (not timed or _follows(a, b, parts["within"])) for b, other in right.items())
        tally.lasting_fail |= count > 1 and parts["times"] != "at least"
        few |= count < 1 and parts["times"] != "at most"
    return tally.result(FAIL if few else PASS)


def _follows(a, b, within):
    return b.span.start >= a.span.start and (within is None or b.span.start <= a.span.end + within)


def judge_none_after(parts, sets, lookup):
    """no $b [within D] after $a [by KEY]"""
    second, first = sets
    if not first:
        return FAIL, False
    tally = Tally()
    left = keyed(tally, first, parts["key"], lookup, True)
    right = keyed(tally, second, parts["key"], lookup, True)
    for a, text in left.items():
        for b, other in right.items():
            if a is not b and text == other and b.span.start >= a.span.end and (
                    parts["within"] is None or b.span.start <= a.span.end + parts["within"]):
                tally.lasting_fail = True
    return tally.result(PASS)


def judge_lag(parts, sets, trace, lookup):
    """lag($p, $c [by …]) OP D"""
    producers, consumers = sets
    if not producers or not consumers:
        return FAIL, False
    tally, none, lags = Tally(), False, []
    for consumer, found in producers_of(tally, parts, producers, consumers, trace, lookup):
        if len(found) > 1:
            tally.lasting_fail = True
        elif not found:
            none = True
        elif consumer.backwards or found[0].backwards:
            tally.unjudged.add(INCONCLUSIVE)
        else:
            lags.append(Duration(consumer.span.start - found[0].span.end))
    if parts["op"] == "capture":
        if lags:
            holds(max(lags), "capture", parts["literal"])
    else:
        tally.lasting_fail |= any(not holds(lag, parts["op"], parts["literal"]) for lag in lags)
    return tally.result(FAIL if none else PASS)


def producers_of(tally, parts, producers, consumers, trace, lookup):
    """(consumer, [its producers]) of each; those of which it is not known are in the tally alone."""
    by = parts["by"]
    keys = keyed(tally, [*producers, *(c for c in consumers if c not in producers)], parts["key"], lookup, False) if by == "key" else {}
    for consumer in consumers:
        if by == "key":
            found = [p for p in producers if p is not consumer and consumer in keys and keys.get(p) == keys[consumer]]
            if consumer not in keys:
                continue
        else:
            found = [p for p in producers if p is not consumer and (
                by in ("parent", "") and p in consumer.parents or by in ("link", "") and _links_to(consumer, p, trace))]
        if not found and by in ("link", "") and consumer.dropped_links:
            tally.unjudged.add(INCONCLUSIVE)
        else:
            yield consumer, found


def _links_to(node, other, trace):
    return any(link[0] == trace.trace_id and link[1] == other.span.span_id for link in node.span.links)


# --- states ---

def judge_states(parts, nodes, lookup):
    """states KEY [by KEY] in $a: …"""
    if not nodes:
        return FAIL, False
    tally = Tally()
    rows = state_rows(tally, parts, nodes, lookup)
    ok = all(row_is_allowed([state for state, _ in row], parts) for row in rows.values())
    return tally.result(PASS if ok else FAIL)


def state_rows(tally, parts, nodes, lookup):
    """{value of the second key: [(state, span), …]}"""
    rows = defaultdict(list)
    for node in nodes:
        found = [tally.attempt(lambda node=node, key=key: text_of(read(lookup, node, key)))
                 for key in (parts["key"], parts["by"]) if key]
        tally.attempt(lambda node=node: need_times(node))
        if None not in found and not node.backwards:
            rows[found[1] if parts["by"] else ""].append((found[0], node))
    return rows


def row_is_allowed(row, parts):
    """Whether a row's steps are."""
    states = [state for place, state in enumerate(row) if place == 0 or state != row[place - 1]]
    arrows, never = parts["arrows"], parts["never"]
    if arrows and not parts["any start"]:
        starts = {a for a, _ in arrows} - {b for _, b in arrows} or {arrows[0][0]}
        if states[0] not in starts:
            return False
    steps = list(zip(states, states[1:]))
    return not any(step in never for step in steps) and (not arrows or all(step in arrows for step in steps))
