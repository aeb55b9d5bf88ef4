"""What is known of the types of expressions when they are read (docs/language.md, "What is refused for its types"): each has a set of types that
it may have, and what fits none of them is refused."""

from .json_values import NoJson, as_json
from .known_types import check_types, type_of
from .terms import InjectionOperand, SpanOperand, TypesDiffer
from .values import Duration

NUMBER, NANOSECONDS = {"int", "double"}, {"duration", "time"}
ATTRIBUTE = {"text", "bool", "bytes", "array", "map"} | NUMBER
PRINTED = {"text", "bool", "duration"} | NUMBER
LABELS = ("scenario", "step", "zone", "tenant", "minion", "outcome")

# What functions take and give; those that give what they take stand in types_of.
TAKEN = {
    "abs": [NUMBER | {"duration"}], "ceil": [NUMBER], "floor": [NUMBER], "round": [NUMBER], "concat": [PRINTED], "duration": [{"text", "duration"}],
    "get_index": [{"array"}, {"int", "text"}], "int": [NUMBER | NANOSECONDS | {"text"}], "json": [ATTRIBUTE], "json_path": [ATTRIBUTE, {"text"}],
    "length": [{"text", "bytes", "array", "map"}], "lower": [{"text"}], "upper": [{"text"}], "trim": [{"text"}], "number": [NUMBER | {"text"}],
    "regex": [{"text"}], "regex_group": [{"text"}, {"text"}, {"int"}], "replace": [{"text"}], "split": [{"text"}], "substring": [{"text"}, {"int"}],
    "text": [PRINTED], "type": [ATTRIBUTE | NANOSECONDS], "max": [NUMBER | NANOSECONDS], "min": [NUMBER | NANOSECONDS]}
GIVEN = {
    "concat": {"text"}, "duration": {"duration"}, "get_index": ATTRIBUTE, "int": {"int"}, "json": ATTRIBUTE, "json_path": ATTRIBUTE, "length": {"int"},
    "lower": {"text"}, "upper": {"text"}, "trim": {"text"}, "number": NUMBER, "regex": {"text"}, "regex_group": {"text", "array"}, "replace": {"text"},
    "split": {"array"}, "substring": {"text"}, "text": {"text"}, "type": {"text"}}


def _refuse(what):
    raise TypesDiffer(f"{what}: the types do not fit")


def _of_key(operand):
    kind = type_of(operand)
    if isinstance(operand, InjectionOperand) and kind == "any" and operand.key.name in LABELS and not operand.key.quoted:
        return {"text"}
    return {"any": ATTRIBUTE, "kind": {"text"}, "status": {"text"}, "type": {"text"}, "count": {"int"}}.get(kind) or {kind}


def _of_literal(value):
    if isinstance(value, bool):
        return {"bool"}
    if isinstance(value, Duration):
        return {"duration"}
    return {{int: "int", float: "double"}.get(type(value), "text")}


def _signed(sign, left, right):
    """The types of one pair; None where they do not fit."""
    if left in NUMBER and right in NUMBER:
        if sign == "%":
            return "int" if (left, right) == ("int", "int") else None
        return "int" if (left, right) == ("int", "int") and sign != "/" else "double"
    if sign == "+":
        return {("duration", "duration"): "duration", ("time", "duration"): "time", ("duration", "time"): "time"}.get((left, right))
    if sign == "-":
        return {("duration", "duration"): "duration", ("time", "duration"): "time", ("time", "time"): "duration"}.get((left, right))
    if sign == "*":
        return "duration" if {left, right} in ({"duration", "int"}, {"duration", "double"}) else None
    if sign == "/" and left == "duration":
        return "duration" if right in NUMBER else "double" if right == "duration" else None
    return None


def _of_call(name, arguments):
    found = [types_of(one) for one in arguments]
    if name == "coalesce":
        return set().union(*found)
    taken = TAKEN[name]
    fitting = [types & taken[min(place, len(taken) - 1)] for place, types in enumerate(found)]
    if not all(fitting):
        _refuse(name)
    if name in ("max", "min"):
        kinds = [one for one in (NUMBER, {"duration"}, {"time"}) if all(types & one for types in fitting)]
        return set().union(*(types & set().union(*kinds) for types in fitting)) if kinds else _refuse(name)
    return GIVEN.get(name) or fitting[0]


def types_of(tree):
    """The types that an expression may have; raises TypesDiffer where there is none."""
    kind = tree[0]
    if kind in ("key", "name", "injection"):
        return _of_key(InjectionOperand(tree[1]) if kind == "injection" else SpanOperand(tree[-1]))
    if kind == "lit":
        return _of_literal(tree[1])
    if kind == "count":
        return {"int"}
    if kind == "whole":
        return {"duration"} if tree[2] == "duration" else NUMBER
    if kind == "neg":
        return types_of(tree[1]) & (NUMBER | {"duration"}) or _refuse("-")
    if kind == "call":
        return _of_call(tree[1], tree[2])
    found = {_signed(tree[1], left, right) for left in types_of(tree[2]) for right in types_of(tree[3])} - {None}
    return found or _refuse(tree[1])


# Comparisons

def _equal(left, right):
    texts = "text" in left and right & PRINTED or "text" in right and left & PRINTED
    return texts or left & NUMBER and right & NUMBER or left & right & (NANOSECONDS | {"bool"})


def _fit(op, left, right):
    """Whether values of some of these types can be compared."""
    if op in ("=", "!="):
        return _equal(left, right)
    if op in ("<", "<=", ">", ">="):
        ordered = NUMBER | {"text"}
        return left & ordered and right & ordered or left & right & NANOSECONDS
    if op in ("contains", "not contains"):
        return "text" in left and right & PRINTED or "array" in left
    if op in ("starts-with", "ends-with"):
        return "text" in left and right & PRINTED
    if op in ("=~", "!~"):
        return "text" in left
    return left & ATTRIBUTE and right & ATTRIBUTE


def _class_of(tree, types):
    """What is known of a left side, as type_of says it."""
    if tree[0] in ("key", "name", "injection"):
        return type_of(InjectionOperand(tree[1]) if tree[0] == "injection" else SpanOperand(tree[-1]))
    if tree[0] == "whole":
        return "duration" if tree[2] == "duration" else "int"
    if tree[0] == "count":
        return "count"
    if tree[0] == "lit":
        return None
    return "duration" if types == {"duration"} else "int" if types <= NUMBER else None


def check_comparison(op, left, right):
    """Raises TypesDiffer where two expressions can never be compared."""
    types, others = types_of(left), types_of(right)
    known = _class_of(left, types)
    if op.endswith("json-contains"):
        if right[0] == "lit" and isinstance(right[1], str):
            try:
                as_json(right[1])
            except NoJson:
                _refuse(op)
    elif right[0] == "lit" and known:
        check_types(known, op, right[1])
        return
    if not _fit(op, types, others):
        _refuse(op)
