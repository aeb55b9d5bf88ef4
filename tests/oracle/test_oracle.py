"""The plain evaluator's own parts."""

import json
import os
import random
import unittest
from collections import Counter

from tests.oracle import checks, compare, differences, generate, libconf, otlp, tables, traces, values
from tests.oracle.known_types import bare_value
from tests.oracle.language import parse_condition, parse_rule, parse_selector
from tests.oracle.terms import ExpressionError
from tests.oracle.suites import default_min_samples
from tests.oracle.values import Duration


def varint(number):
    """A protobuf varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, payload):
    """A length-delimited or (int) varint field."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload & (2**64 - 1))
    return varint(number << 3 | 2) + varint(len(payload)) + payload


class Foreign(unittest.TestCase):
    """Jaeger's and Zipkin's JSON, by hand."""

    CALL = [{"traceId": "ab", "id": "c", "parentId": "1", "kind": "CLIENT", "timestamp": 1, "duration": 4},
            {"traceId": "ab", "id": "c", "parentId": "1", "kind": "SERVER", "timestamp": 2, "localEndpoint": {"serviceName": "s"}},
            {"traceId": "ab", "id": "d", "parentId": "c", "timestamp": 3, "localEndpoint": {"serviceName": "s"}},
            {"traceId": "ab", "id": "e", "parentId": "c", "timestamp": 3, "localEndpoint": {"serviceName": "t"}}]

    def test_zipkins_shared_ids_are_parted(self):
        """Whatever the order, and over files."""
        client, server, child, other = self.CALL
        for files in ([self.CALL], [[child], [other, server], [client]]):
            read = {span.name or span.start: span for span in otlp.read_bytes(*(json.dumps(file).encode() for file in files))}
            own = read[2000].span_id
            self.assertNotEqual("000000000000000c", own)
            self.assertEqual("000000000000000c", read[2000].parent)
            parents = sorted(span.parent for span in otlp.read_bytes(*(json.dumps(file).encode() for file in files)) if span.start == 3000)
            self.assertEqual(sorted([own, "000000000000000c"]), parents)
            self.assertTrue(read[2000].backwards)

    def test_a_server_alone_keeps_its_id_unless_it_says_shared(self):
        """Nobody else has it."""
        _, server, _, _ = self.CALL
        alone, = otlp.read_bytes(json.dumps([server]).encode())
        self.assertEqual(("000000000000000c", "0000000000000001"), (alone.span_id, alone.parent))
        said, = otlp.read_bytes(json.dumps({**server, "shared": True}).encode())
        self.assertEqual("000000000000000c", said.parent)

    def test_without_a_timestamp_a_span_is_rejected(self):
        """And counted to its trace."""
        read = otlp.read_bytes(b'[{"traceId": "ab", "id": "c"}]')
        self.assertEqual([otlp.Rejected("ab".zfill(32))], read)

    def test_jaegers_parents_and_links(self):
        """The first of its trace."""
        refs = [{"refType": "FOLLOWS_FROM", "traceID": "ab", "spanID": "1"}, {"refType": "CHILD_OF", "traceID": "cd", "spanID": "2"},
                {"refType": "CHILD_OF", "traceID": "ab", "spanID": "3"}]
        span, = otlp.read_bytes(json.dumps({"data": [{"spans": [
            {"traceID": "ab", "spanID": "c", "startTime": 1, "duration": 2, "references": refs}]}]}).encode())
        self.assertEqual("0000000000000003", span.parent)
        self.assertEqual(["0000000000000001", "0000000000000002"], [link[1] for link in span.links])


class Files(unittest.TestCase):
    """What stands in files is read as it was meant."""

    def test_the_files_of_cases_are_those_of_the_tables(self):
        """cases/*.json are written by tables.py."""
        for name, cases in tables.tables().items():
            with open(os.path.join(checks.FOLDER, name), encoding="utf-8") as source:
                self.assertEqual(tables.text(cases), source.read(), f"{name}: python3 -m tests.oracle.tables writes it")

    def test_a_configuration_reads_back(self):
        """dump and parse are inverse."""
        config = {"a": 1, "b": "x\\y\"z\n", "c": [1, 2.5, True, "t"], "d": {"e": [], "f": {}, "g": -3}}
        self.assertEqual(config, libconf.parse(libconf.dump_file(config)))

    def test_libconfig_forms(self):
        """Comments, concatenation, separators, escapes."""
        text = '# c\na : 0x1F; // c\nb = "one" /* c\n */ " two", c = ( 1, "x" ) d = { e = TRUE };\nf = "\\d\\x41\\t"; g = [1, 2]; h = 5L; i = 1e3'
        self.assertEqual({"a": 31, "b": "one two", "c": [1, "x"], "d": {"e": True}, "f": "\\dA\t", "g": [1, 2], "h": 5, "i": 1000.0},
                         libconf.parse(text))

    def test_broken_configurations(self):
        """What is no libconfig is said to be none."""
        for text in ("a", "a =", "a = ;", 'a = "x', "a = { b = 1;", "a = (1, 2", "a = (1,, 2);", "= 1", "a = 1; a = 2;", "a = b;", "a = @;"):
            with self.subTest(text), self.assertRaises(libconf.ConfSyntaxError):
                libconf.parse(text)

    def test_the_wire_format(self):
        """A span with its resource after it, split messages, every value type."""
        any_values = [field(1, b"text"), field(2, 1), field(3, -5), varint(4 << 3 | 1) + b"\0\0\0\0\0\0\xf8\x3f",
                      field(5, field(1, field(3, 7))), field(6, field(1, field(1, b"k") + field(2, field(2, 0)))), field(7, b"\xff"), b"",
                      field(1, b"first") + field(3, 9)]
        attributes = b"".join(field(9, field(1, b"k%d" % number) + field(2, item)) for number, item in enumerate(any_values))
        span = (field(1, bytes(15) + b"\1") + field(2, bytes(7) + b"\2") + field(5, b"n") + field(6, 2) + varint(7 << 3 | 1) + bytes([9]) + bytes(7)
                + varint(16 << 3 | 5) + b"\1\1\0\0" + attributes + field(15, field(3, 2)) + field(15, field(2, b"m")) + field(1000, b"?"))
        resource = field(1, field(1, field(1, b"service.name") + field(2, field(1, b"s"))))
        read = otlp.read_bytes(field(1, field(2, field(2, span)) + resource))
        self.assertEqual(1, len(read))
        self.assertEqual({"k0": "text", "k1": True, "k2": -5, "k3": 1.5, "k4": [7], "k5": {"k": False}, "k6": b"\xff", "k7": None, "k8": 9},
                         read[0].attributes)
        self.assertEqual(("n", 2, 9, 0, 0x101, 2, "m", {"service.name": "s"}),
                         (read[0].name, read[0].kind, read[0].start, read[0].end, read[0].flags, read[0].status, read[0].status_message, read[0].resource))

    def test_both_formats_hold_the_same(self):
        """JSON and protobuf of one document are read alike."""
        entries = generate.batch(1, traces=20, suites=1).spans
        read = [otlp.read_bytes(generate.files(entries, protobuf)) for protobuf in (False, True)]
        self.assertEqual(repr(read[0]), repr(read[1]))

    def test_what_is_no_format(self):
        """Garbage is refused."""
        for data in (b"{", b"\x0a\xff", b"\x07", b"\x00\x00"):
            with self.subTest(data), self.assertRaises(otlp.InputError):
                otlp.read_bytes(data)


class Values(unittest.TestCase):
    """Canonical texts and literals."""

    def test_canonical_texts(self):
        """The row "canonical text" of section 2."""
        for value, text in ((5, "5"), (-2**63, "-9223372036854775808"), (1.0, "1"), (1.5, "1.5"), (-0.0, "0"), (0.1, "0.1"), (1e21, "1e+21"), (1.5e21, "1.5e+21"),
                            (1e20, "100000000000000000000"), (1e-7, "0.0000001"), (1.25e-7, "0.000000125"), (5e-8, "5e-8"), (-1.5e-10, "-1.5e-10"), (5e-324, "5e-324"),
                            (123456789.125, "123456789.125"), (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (True, "true"),
                            (Duration(1500 * 10**6), "1500ms"), (Duration(0), "0s"), (Duration(60 * 10**9), "60s"), (Duration(-5000), "-5us"), (Duration(1), "1ns"),
                            (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740993.0, "9007199254740992")):
            self.assertEqual(text, values.canonical(value))

    def test_literals(self):
        """Numbers, percentages, durations, texts."""
        for text, value in (("5", 5), ("-5", -5), ("5.0", 5.0), ("1e3", 1000.0), ("1e+3", 1000.0), ("0.7%", 0.007), ("5%", 0.05), ("1.5s", Duration(1500 * 10**6)),
                            ("1m", Duration(60 * 10**9)), ("true", True), ("5x", "5x"), ("1E3", "1E3"), ("a/b", "a/b"), ("9223372036854775807", 2**63 - 1)):
            found = bare_value(text)
            self.assertEqual((type(value), value), (type(found), found), text)
        for text in ("9223372036854775808", "0.5ns", "9223372037s", "-a", "5+"):
            with self.subTest(text), self.assertRaises(ExpressionError):
                bare_value(text)

    def test_default_samples(self):
        """100/(100-N) rounded up."""
        for text, number in (("p(99)", 100), ("p(50)", 2), ("p(100)", 1), ("p(99.9)", 1000), ("p(33.3)", 2), ("avg", 1)):
            self.assertEqual(number, default_min_samples(parse_rule(f"{text}($x.duration) < 5s", ["x"])))


class Generator(unittest.TestCase):
    """The random runs reach what they are for."""

    def test_one_seed_is_one_batch(self):
        """The same seed gives the same run."""
        self.assertEqual(repr(generate.batch(7)), repr(generate.batch(7)))

    def test_every_result_and_status_is_reached(self):
        """Results, threshold results, and statuses of the small runs."""
        reached, statuses = Counter(), Counter()
        for seed in range(4):
            _, report = compare.run_oracle(generate.batch(seed))
            for suite in report["suites"]:
                for assertion in suite["assertions"]:
                    reached.update({key: assertion[key] for key in ("pass", "fail", "error", "inconclusive", "skipped")})
                reached.update("threshold " + threshold["result"] for threshold in suite["thresholds"])
            reached.update({key: count for key, count in report["ledger"]["spans"].items()})
        for seed in range(120):
            statuses[compare.run_oracle(generate.calm_batch(seed))[1]["campaign"]["status"]] += 1
        for key in ("pass", "fail", "error", "inconclusive", "skipped", "duplicate", "conflicting", "rejected", "outside"):
            self.assertGreater(reached[key], 2, key)
        for key in ("pass", "fail", "inconclusive", "skipped"):
            self.assertGreater(reached["threshold " + key], 3, key)
        for key in ("SUCCESSFUL", "WARNING", "FAILED", "NO_DATA", "INCONCLUSIVE"):
            self.assertGreater(statuses[key], 3, key)

    def test_every_operator_and_form_is_generated(self):
        """All of the language stands in some suites."""
        text = "".join(libconf.dump_file(generate.batch(seed).config) for seed in range(4))
        for form in ("=", "!=", "<", "<=", ">", ">=", "contains", "=~", "!~", "exists", "missing", "not", "all:", "any:", "none:", "count", "count($", ":first", ":last",
                     ":nth_child", "] > span", "] span", "], span", "attr:", "resource:", "scope:", "event:", "link:", "`odd key`", "$injection.", "$injection.time", "when",
                     "optional", "severity", "tolerance", "lenient", "p(", "avg(", "min(", "max(", "count(", "ratio(", "min_samples", "labels"):
            self.assertIn(form, text)

    def test_the_order_of_arrival_does_not_matter(self):
        """Shuffled spans give the same report."""
        for seed in range(3):
            batch = generate.batch(seed, traces=10, suites=5)
            first = compare.run_oracle(batch)
            random.Random(seed).shuffle(batch.spans)
            self.assertEqual(first, compare.run_oracle(batch))

    def test_the_ledgers_balance(self):
        """Each span and each injection is in one class."""
        for seed in range(10):
            _, report = compare.run_oracle(generate.batch(seed, traces=20, suites=5))
            for ledger, total in ((report["ledger"]["spans"], "received"), (report["ledger"]["injections"], "total")):
                classes = sum(count for name, count in ledger.items() if name not in (total, "conflicting", "repeated"))
                self.assertEqual(ledger[total], classes)


class Comparison(unittest.TestCase):
    """A difference is seen and made small."""

    def test_equal_reports_do_not_differ(self):
        """Nothing is found where nothing is."""
        _, report = compare.run_oracle(generate.batch(3, traces=10, suites=5))
        self.assertEqual([], differences.differences(report, json.loads(json.dumps(report))))

    def test_each_changed_field_is_found(self):
        """Counts, failures, thresholds, status."""
        for change, kind in ((lambda report: report["suites"][0]["assertions"][0].update(fail=99), "assertion.fail"),
                             (lambda report: report["campaign"].update(status="?"), "campaign.status"),
                             (lambda report: report["ledger"]["spans"].update(received=0), "ledger.spans.received"),
                             (lambda report: report["suites"][0]["assertions"][0]["failures"].append({}), "failure.number")):
            _, report = compare.run_oracle(generate.batch(3, traces=10, suites=5))
            other = json.loads(json.dumps(report))
            change(other)
            self.assertIn(kind, [one.kind for one in differences.differences(report, other)])

    def test_true_is_not_one(self):
        """JSON types are kept apart, but for 1 and 1.0."""
        self.assertTrue(differences.same([1, {"a": 1.0}], [1.0, {"a": 1}]))
        for left, right in ((True, 1), (0, False), ("1", 1), (None, 0), ([1], 1), ({}, [])):
            self.assertFalse(differences.same(left, right))


class Language(unittest.TestCase):
    """Trees of some expressions."""

    def test_selector(self):
        """Parts, relations, pseudo-classes."""
        selector = parse_selector("span[a=1, b=2] > span[]:first, span[not(c exists)]:nth_child(3)")
        self.assertEqual([["", ">"], [""]], [[step.relation for step in part] for part in selector.parts])
        self.assertEqual([("first", 0), ("nth_child", 3)], [part[-1].pseudo for part in selector.parts])
        self.assertTrue(selector.picks)

    def test_condition(self):
        """A difference of times."""
        condition = parse_condition("$a.start - $b.end <= 5s", ["a", "b"], has_select=False)
        self.assertEqual((None, ("a", "b"), False), (condition.quantifier, condition.names, condition.reads_injection))


class Evidence(unittest.TestCase):
    """What a tracestate claims."""

    def test_claims(self):
        """Percent-encoded keys in a list."""
        for state, key in (("assertd=a%20b/pay", "a b"), ("x=1 , assertd=k", "k"), ("assertd", None), ("", None), ("xassertd=k", None)):
            self.assertEqual(key, traces.claimed_campaign(state))


if __name__ == "__main__":
    unittest.main()
