"""Seeded random runs that are about one construct of the language, so that the construct decides many of their results."""

import os
import random

from .generate import Batch, assertion, threshold
from .generate_expressions import Expressions
from .generate_paths import random_path
from .generate_traces import CAMPAIGN, TEXTS, random_injections, some, trace
from .known_types import variable_value
from .language import parse_output
from .semconv import pairs
from .terms import Vocabulary

ENVIRONMENT = {"ORACLE_LIMIT": "50ms", "ORACLE_NAME": "op1", "ORACLE_NUMBER": "2", "ORACLE_TEXT": "'5'"}


def set_environment():
    """For both evaluators."""
    os.environ.update(ENVIRONMENT)


class Plain:
    """One construct: what its traces and suites have. Its expressions are those of `words`."""
    expressions = Expressions
    settings = {}
    calm = 0.6
    size = (40, 25)  # traces and suites of a run

    def __init__(self, rng):
        self.rng, self.words = rng, None

    def dress(self, rng, span, resource):
        """Adds to a span."""

    def trace(self, trace_id, remote):
        """A trace, as (resource, scope, span) entries."""
        return trace(self.rng, trace_id, remote, calm=self.rng.random() < self.calm, dress=self.dress)

    def suite(self, number):
        """A suite in which the construct occurs."""
        rng = self.rng
        names = rng.sample(["x", "y", "z"], rng.choice([1, 2, 3]))
        words = Vocabulary(tuple(names), aliases=self.settings.get("semconv_aliases", False))
        made = {"name": f"suite {number}", **self.settings}
        self.words = words
        self.prepare(made, words)
        expressions = self.expressions(rng, names, words)
        made["spans"] = {name: expressions.binding() for name in names}
        self.name_values(made, words)
        if rng.random() < 0.2:
            made["traces"] = expressions.selector(pseudo=0.05)
        if rng.random() < 0.25:
            made["evidence"] = "lenient"
        made["assertions"] = [assertion(rng, expressions, index) for index in range(rng.randrange(1, 5))]
        made["thresholds"] = [threshold(rng, expressions, index) for index in range(rng.randrange(1, 4))]
        return made

    def prepare(self, made, words):
        """What must be there before names are bound."""

    def name_values(self, made, words):
        """What may read names."""


class Simple(Expressions):
    """Selectors that mostly select something, names that mostly bind."""

    def selector(self, pseudo=0.18):
        rng = self.rng
        if rng.random() < 0.35:
            return super().selector(pseudo)
        return rng.choice(["span[]", "span[]", "span[name exists]", "span[kind=server]", "span[service=front]", "span[]:first", "span[name=op1], span[name=op2]",
                           "span[n exists]"])

    def binding(self):
        rng = self.rng
        if rng.random() < 0.3:
            return super().binding()
        return rng.choice(["span[]:first", "span[]:last", "span[]:nth_child(2)", "span[kind=server]:first", "span[n exists]:first", "span[]:root:first"])


# Names that changed

class _AliasExpressions(Simple):
    KEYS = [name for row in pairs() for name in row[:2]]
    COMMON = ["http.method", "http.request.method", "http.status_code", "http.response.status_code", "net.peer.name", "server.address",
              "net.host.name", "client.address", "db.name", "db.namespace", "db.redis.database_index", "deployment.environment",
              "deployment.environment.name"]

    def alias(self):
        """A key of the table."""
        return self.rng.choice(self.COMMON if self.rng.random() < 0.85 else self.KEYS)

    def key(self):
        return self.rng.choice(["", "", "", "attr:", "resource:"]) + self.alias() if self.rng.random() < 0.7 else super().key()

    def whole_key(self):
        return self.alias()

    def literal(self, key, op):
        if "." in key and op not in ("=~", "!~") and self.rng.random() < 0.8:
            return self.rng.choice(["GET", "200", "shop", "'200'", "5"])
        return super().literal(key, op)


class Aliases(Plain):
    """semconv_aliases = true"""
    expressions = _AliasExpressions
    settings = {"semconv_aliases": True}

    def dress(self, rng, span, resource):
        pools = _AliasExpressions
        for attributes in [span["attributes"]] * rng.randrange(1, 5) + [resource["attributes"]] * rng.randrange(2):
            key = rng.choice(pools.COMMON if rng.random() < 0.9 else pools.KEYS)
            if key not in {pair["key"] for pair in attributes}:
                attributes.append({"key": key, "value": rng.choice([{"stringValue": "GET"}, {"intValue": "200"}, {"stringValue": "shop"},
                                                                    {"stringValue": "200"}, {}])})


# Functions

BODIES = ['{"user": {"id": 7, "name": "Ann"}, "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1.0}]}', '{"items": [], "user": null}', "[1, 2, [3]]",
          '{"user": {"id": "7", "tags": ["a", "b"]}, "name": "x", "deep": {"name": {"name": "y"}}}', "7", "not json", '{"a": 1} x', '"text"',
          '{"n": 18446744073709551616, "m": -9223372036854775808, "e": 1e2}', "", "null", '{"a": {"b": {"name": 1}}, "c": {"name": 2}}', '{"items": [{"sku": null}, null, {"n": 2}]}', "[]"]
WORDS = ["id=7;k=9", "order 42 of 43", "a,b,c", ",", "  trimmed\t", "o-42", "naïve café", "1.5s", "250ms", "42", "-7", "1e3", "1.50", "A-B-C"]
PATHS = ["$.user.id", "$.items[*].sku", "$..name", "$.items[-1].n", "$[0]", "$", "$.nobody", "$[\\'user\\'][\"name\"]", "$.items[0:1]", "$[1:]", "$.*", "$.user.*",
         "$[-2]", "$.items[*]", "$..n", "$.items[5]", "$.user.tags[:1]", "$.e"]
PATTERNS = ["[0-9]+", "([a-z])=(\\d+)", "(x)|(\\d)", "o-(\\d+)", "^$", "nothing", "(?:a|b),", "é"]


class _FunctionExpressions(Simple):
    def source(self, where):
        """A text to start from."""
        return where(self.rng.choice(["attr:body", "attr:body", "attr:word", "attr:word", "attr:word", "attr:list", "attr:a", "span:name", "attr:map"]))

    def function_value(self, where, depth=0):
        """An expression with a function that reads JSON, patterns, or parts of texts."""
        rng, x = self.rng, self.source(where)
        kind = some(rng, None, path=5, regex=3, group=3, split=2, index=2, sub=2, replace=1.5, number=2, round=2, duration=1, length=1, joined=1.5, json=1)
        if kind == "path":
            made = f"json_path({x}, '{rng.choice(PATHS) if rng.random() < 0.4 else random_path(rng)}')"
        elif kind == "regex":
            made = f"regex({x}, '{rng.choice(PATTERNS)}')"
        elif kind == "group":
            made = f"regex_group({x}, '{rng.choice(PATTERNS)}'{rng.choice(['', ', 1', ', 1', ', 0', ', 2'])})"
        elif kind == "split":
            made = f"split({x}, '{rng.choice([',', '-', ' ', ';'])}')"
        elif kind == "index":
            made = f"get_index({rng.choice([where('attr:list'), 'split(' + x + ', ' + chr(39) + ',' + chr(39) + ')'])}, " + rng.choice(["0", "1", "-1", "'last'", "7"]) + ")"
        elif kind == "sub":
            made = f"substring({x}, {rng.choice(['0', '1', '-3', '-99', '50'])}{rng.choice(['', ', 2', ', 0', ', 99'])})"
        elif kind == "replace":
            made = f"replace({x}, '{rng.choice(['-', ',', 'a', 'aa'])}', '{rng.choice(['', '/', 'aa'])}')"
        elif kind == "number":
            made = f"{rng.choice(['int', 'number'])}({x})"
        elif kind == "round":
            made = f"{rng.choice(['round', 'floor', 'ceil'])}({rng.choice([where('attr:n'), where('attr:n') + ' * 0.5', where('attr:n') + ' / 2'])})"
        elif kind == "duration":
            made = f"duration({rng.choice([x, where('attr:word')])})"
        elif kind == "json":
            made = f"json({x})"
        elif kind == "joined":
            made = f"f'<${{{x}}}-${{{where('attr:n')}}}>'"
        else:
            made = f"length({x})"
        if depth < 2 and rng.random() < 0.3:
            made += rng.choice([" | length", " | text", " | get_index 0", " | get_index 'last'", " | type", " | int", " | upper", " | json_path '$[0]'",
                                " | regex_group '(.)(.)' 2"])
            made = f"({made})"
        return made

    def value_comparison(self, left, right):
        rng = self.rng
        if rng.random() < 0.15:
            return super().value_comparison(left, right)
        kind = some(rng, None, compare=6, json=3, matches=1, there=1.5, contained=1)
        value = self.function_value(left)
        if kind == "json":
            wanted = rng.choice(['{"user": {"id": 7}}', '{"user": {"id": "7"}}', '{"items": [{"sku": "b"}]}', '{"items": [{"n": 1}]}', "[3]", "[[3]]", "7", "{}",
                                 '{"user": null}', "[2, 1]", '"text"', "no", '{"items": []}'])
            return f"{rng.choice([left('attr:body'), left('attr:body'), value])} {rng.choice(['', 'not '])}json-contains '{wanted}'"
        if kind == "matches":
            return f"{value} {rng.choice(['=~', '!~'])} '{rng.choice(PATTERNS)}'"
        if kind == "there":
            return f"{value} {rng.choice(['exists', 'missing'])}"
        if kind == "contained":
            return f"{value} {rng.choice(['contains', 'not contains', 'starts-with', 'ends-with'])} {rng.choice(['7', chr(39) + 'a' + chr(39), self.function_value(right)])}"
        limit = rng.choice(["7", "2", "'Ann'", "'a'", "'42'", "1", "3", "'array'", "1500ms", "2.5", "'b'", "0"])
        return f"{value} {some(rng, ['=', '=', '=', '!=', '<', '>=', '<=', '>'])} {limit if rng.random() < 0.8 else self.function_value(right)}"

    def condition(self, has_select):
        if self.rng.random() < 0.75:
            place = self.rng.choice(["span", "span", "names", "both"] if has_select else ["names"])
            words = self.rng.choice(["", "", "all: ", "any: ", "none: "]) if place == "span" else ""
            return self.valid(lambda: words + self.expression(place), self.reader(has_select))
        return super().condition(has_select)


class Functions(Plain):
    """JSON, patterns, parts of texts, pipes, f'…'"""
    expressions = _FunctionExpressions

    def dress(self, rng, span, resource):
        put = span["attributes"].append
        if rng.random() < 0.8:
            put({"key": "body", "value": {"stringValue": rng.choice(BODIES)}})
        if rng.random() < 0.8:
            put({"key": "word", "value": {"stringValue": rng.choice(WORDS + TEXTS)}})
        if rng.random() < 0.5:
            items = [rng.choice([{"stringValue": "a"}, {"intValue": "7"}, {"stringValue": "b"}, {"boolValue": True}]) for _ in range(rng.randrange(4))]
            put({"key": "list", "value": {"arrayValue": {"values": items}}})
        if rng.random() < 0.3:
            put({"key": "map", "value": {"kvlistValue": {"values": [{"key": "user", "value": {"kvlistValue": {"values": [
                {"key": "id", "value": {"intValue": "7"}}]}}}]}}})


# Variables and outputs

class _VariableExpressions(Simple):
    def literal(self, key, op):
        fits = super().literal(key, op)
        if op in ("=~", "!~") or self.rng.random() < 0.25:
            return fits
        own = {"duration": ["var:slow", "env:ORACLE_LIMIT"], "kind": ["var:side"], "name": ["env:ORACLE_NAME", "var:called"], "status": ["var:state"]}
        return self.rng.choice(own.get(key.removeprefix("span:"), ["var:number", "var:share", "var:text", "var:five", "var:flag", "env:ORACLE_NUMBER", "env:ORACLE_TEXT"]))

    def count_limit(self):
        return self.rng.choice([" = var:two", " >= env:ORACLE_NUMBER", " in (var:two, 1)"])

    def duration(self):
        return self.rng.choice(["var:slow", "env:ORACLE_LIMIT", super().duration()])

    def number_value(self, where, depth=0):
        return self.rng.choice(["var:number", "env:ORACLE_NUMBER"]) if self.rng.random() < 0.3 else super().number_value(where, depth)


class Variables(Plain):
    """var: and env:"""
    expressions = _VariableExpressions

    def prepare(self, made, words):
        rng = self.rng
        made["variables"] = {"slow": rng.choice(["5ms", "50ms", "1.5s", "${env:ORACLE_LIMIT}"]), "side": rng.choice(["server", "client"]),
                             "called": rng.choice(["send", "op2", "${env:ORACLE_NAME}", "GET /cart"]), "state": rng.choice(["ok", "error"]),
                             "number": rng.choice(["5", "200", "1.5", "-1"]), "share": rng.choice(["10%", "50%"]), "text": rng.choice(["ok", "a b", "'200'", "op${env:ORACLE_NUMBER}"]),
                             "five": rng.choice(["'5'", "5", '"5"']), "flag": rng.choice(["true", "false"]), "two": rng.choice(["2", "1", "3"])}
        for name, text in made["variables"].items():
            for word, value in ENVIRONMENT.items():
                text = text.replace(f"${{env:{word}}}", value)
            words.variables[name] = variable_value(text)


class _OutputExpressions(_FunctionExpressions):
    def outputs_of(self, place, left):
        """The text of an output, or of something else."""
        return f"output:{self.rng.choice(list(self.words.outputs))}" if self.words.outputs and self.rng.random() < 0.75 else left(place)

    def value_comparison(self, left, right):
        rng, values = self.rng, list(self.words.outputs)
        if not values or rng.random() < 0.2:
            return super().value_comparison(left, right)
        out = f"output:{rng.choice(values)}"
        kind = some(rng, None, plain=5, duration=3, there=2, calc=2, both=2)
        if kind == "there":
            return f"{out} {rng.choice(['exists', 'missing'])}"
        if kind == "both":
            return f"{rng.choice([left('attr:n'), left('span:name'), out])} {some(rng, ['=', '!=', '<'])} output:{rng.choice(values)}"
        limit = self.duration() if kind == "duration" else rng.choice(["1", "2", "'op1'", "250", "'7'", "true"])
        if kind == "calc":
            return f"{out} * 2 {some(rng, ['<', '>=', '='])} {limit}"
        return f"{out} {some(rng, ['=', '!=', '<', '<=', '>', '>='])} {limit}"

    def filter(self):
        outputs, self.words.outputs = self.words.outputs, {}
        made = super().filter()
        self.words.outputs = outputs
        return made

    def over_names(self):
        if self.words.outputs and self.rng.random() < 0.6:
            return self.value_comparison(lambda key: f"${self.names[0]}.{key}", lambda key: f"${self.names[0]}.{key}")
        return super().over_names()


class Outputs(Functions):
    """outputs and output:NAME"""
    expressions = _OutputExpressions

    def name_values(self, made, words):
        rng, expressions = self.rng, self.expressions(self.rng, words.names, words)

        def where(key):
            return f"${rng.choice(words.names)}.{key}"
        for name in rng.sample(["order", "wait", "count", "third-one"], rng.choice([1, 2, 3])):
            text = expressions.valid(lambda: rng.choice([
                where("n"), where("name"), where("duration"), f"{where('start')} - {where('end')}", f"{where('end')} - {where('start')}", "$injection.status",
                f"trace:{rng.choice(['spans', 'errors', 'duration', 'depth'])}", f"gap(${rng.choice(words.names)}, ${rng.choice(words.names)})",
                f"{rng.choice(['sum', 'max', 'avg'])}({where('n')})", where("span:self_time"),
                f"{where('attr:n')} + 1", f"count(${words.names[0]}) * 2", expressions.function_value(where), f"coalesce({where('attr:a')}, 'none')",
                *(f"text(output:{known})" for known in words.outputs)]), lambda text: parse_output(text, words))
            made.setdefault("outputs", {})[name] = text
            words.outputs[name] = parse_output(text, words)


def focused(name, seed):
    """A run about one construct."""
    from .constructs import CONSTRUCTS
    rng = random.Random(f"{name} {seed}")
    construct = CONSTRUCTS[name](rng)
    traces, suites = construct.size

    def campaign():
        spans, made = [], []
        for _ in range(traces):
            trace_id, remote = f"{rng.randrange(1, 2**128):032x}", "00000000000000dd"
            made.append((trace_id, remote))
            spans += construct.trace(trace_id, remote)
        return spans, made
    spans, made = campaign()
    config = {"campaign": {"correlation": rng.choice(["auto", "off"])}, "report": {"max_failures": 100000},
              "suites": [construct.suite(number) for number in range(suites)]}
    with_records = rng.random() < 0.7
    batch = Batch(config, spans, random_injections(rng, made, True) if with_records else None, CAMPAIGN, [trace_id for trace_id, _ in made],
                  protobuf=seed % 2 == 1, may_be_refused=True)
    if hasattr(construct, "finish"):
        spans, made = campaign()
        return construct.finish(batch, spans, random_injections(rng, made, True) if with_records else None)
    return batch
