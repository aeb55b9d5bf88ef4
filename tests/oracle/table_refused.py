"""Golden cases: what must be refused."""

from .case_writing import case

BAD_SELECTORS = [
    "", " ", "span", "span[", "span]", "[name=a]", "span[name]", "span[name=]", "span[=a]", "span[name=a", "span[name=a]]", "span[name==a]", "span[name=a]:", "span[name=a]:second",
    "span[name=a]:nth_child", "span[name=a]:nth_child()", "span[name=a]:nth_child(0)", "span[name=a]:nth_child(-1)", "span[name=a]:nth_child(x)", "span[name=a],", ",span[name=a]",
    "span[name=a] >", "> span[name=a]", "span[name=a] > > span[name=b]", "span[name=a] + span[name=b]", "span[name='a]", "span[name=\"a]", "span[name=a'b]", "span[`a=1]", "span[``=1]",
    "span[1a=1]", "span[-a=1]", "span[a b]", "span[foo:a=1]", "span[attr:=1]", "span[duration < 50]", "span[duration = 50]", "span[duration = 'x']", "span[duration < '50ms']", "span[status < 3]",
    "span[status = 3]", "span[status = fine]", "span[kind = servr]", "span[kind = SERVER]", "span[kind = unspecified]", "span[kind > client]", "span[start > 5]", "span[start = now]", "span[a < true]", "span[a < abc]",
    "span[a < '01']", "span[a < '1.50']", "span[a < '-0']", "span[a >= 5ms]", "span[name < 5ms]", "span[a = 9223372036854775808]", "span[a = -9223372036854775809]", "span[a = 1.5ns]", "span[duration < 0.1ns]",
    "span[duration < 300000000000s]", "span[a =~ '[']", "span[a =~ '(']", "span[a !~ '*']", "span[duration =~ 'x']", "span[duration contains 5]", "span[not a = 1]", "span[not (a = 1]", "span[not ()]", "span[a exists 5]",
    "span[a=1,,b=2]", "span[a=1 and b=2]", "SPAN[a=1]", "span[a ! 1]", "span[a ~ 'x']", "span[a <> 1]", "span[a = 1ms5]x", "span[$x.a = 1]", "span[a=b] span"]
BAD_CONDITIONS = [
    "", "count", "count =", "count = 'x'", "count = true", "count = 5ms", "count < 'x'", "count exists", "count contains 1", "count =~ '1'", "= 1", "a =", "all:", "some: a = 1", "any: count = 1", "none: $x.a = 1",
    "all any: a = 1", "duration < 50", "status < 3", "kind = servr", "$x", "$x.", "$x = 1", "$y.a = 1", "$.a = 1", "x.start - $x.end < 5s", "$x.start - $y.end < 5s", "$x.start - $x.end < 5", "$x.start - $x.end = 'x'",
    "$x.start-$x.end < 5s", "$x.start + $x.end < 5s", "$x.start - $x.end", "$x.start - $x.a < 5s", "$x.duration < 5", "$x.start < 5", "$x.kind = foo",
    "$injection = 1", "$injection. = 1", "$injection.time < 5", "$injection.duration < 5", "count($y) = 1", "count(x) = 1", "count($x.a) = 1", "count($x = 1", "a = 1 b = 2", "a = 1, b = 2", "not a = 1", "a = 1)", "span[a=1]",
    "a = 9223372036854775808", "a =~ '['"]
BAD_RULES = [
    "", "p(99)", "p(99)($x.duration)", "p(99)($x.duration) <", "p(99)($x.duration) < 5", "p(101)($x.duration) < 5s", "p(0)($x.duration) < 5s", "p(-1)($x.duration) < 5s", "p()($x.duration) < 5s", "p99($x.duration) < 5s",
    "p(99)(duration) < 5s", "p(99)($y.duration) < 5s", "p(99)($x.start) < 5s", "p(99)($x.name) < 5", "p(99)($x.kind) < 5", "p(99)($x.a) < 5ms", "p(99)($x.a) < 'x'", "p(99)($x.start - $x.end) < 5",
    "avg(missing) < 5", "ratio($x.duration) < 5", "count(lost) = 0", "count() = 0", "ratio(missing) < 5ms", "ratio(missing) < x", "ratio(missing)", "ratio missing < 5%", "count(missing) =~ '1'", "count(missing) exists",
    "distinct($x.start) > 1", "unique(each $x.end)", "avg($x.duration) < 5s s", "avg($x.start - $x.duration) < 5s", "avg($x.event:a) < 5"]


def refused():
    """Configurations that are refused with exit code 2."""
    cases = []
    for text in BAD_SELECTORS:
        for part in ("select", "traces", "spans", "when"):
            if part == "when" and not text.startswith("span["):
                continue
            suite = {"assertions": [{"name": "a", "select": "span[]", "assert": "count = 1"}]}
            if part in ("select", "when"):
                suite["assertions"][0][part] = text
            else:
                suite[part] = text if part == "traces" else {"x": text}
            cases.append(case(f"{part} {text}", [], {"refused": True}, suite))
    for text in BAD_CONDITIONS:
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": text}]}
        cases.append(case(f"assert {text}", [], {"refused": True}, suite))
    for text in ("a = 1", "any: a = 1", "count = 1", "name = x", "none: status = error", "not (a = 1)", "duration < 5s"):
        cases.append(case(f"no select: {text}", [], {"refused": True}, {"assertions": [{"name": "a", "assert": text}]}))
    for text in ("a = 1", "count = 1", "none: $x.a = 1", "span[", "$y.a = 1", "$x.a = 1 $x.b = 2"):
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": "count = 1", "when": text}]}
        cases.append(case(f"when {text}", [], {"refused": True}, suite))
    for text in BAD_RULES:
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": "count = 1"}], "thresholds": [{"name": "t", "rule": text}]}
        cases.append(case(f"rule {text}", [], {"refused": True}, suite))
    good = {"name": "a", "select": "span[]", "assert": "count = 1"}
    for name, suite in (("label", {"labels": {"colour": "red"}}), ("evidence", {"evidence": "none"}),
                        ("severity", {"assertions": [{**good, "severity": "fatal"}]}), ("tolerance", {"assertions": [{**good, "tolerance": 1.5}]})):
        cases.append(case(f"setting {name}", [], {"refused": True}, {"assertions": [good], **suite}))
    return cases
