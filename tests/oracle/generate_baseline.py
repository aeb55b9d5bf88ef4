"""Seeded random campaigns of which rules are held against one before."""

import copy
import re
from dataclasses import replace

from .generate_rules import RuleExpressions, Rules


class _BaselineRules(RuleExpressions):
    """Ratios and percentiles that are no worse."""

    def any_rule(self):
        return f"{self.ratio() if self.rng.random() < 0.4 else self.percentile()} no worse than baseline by {self.rng.choice(['10%', '50%', '0.2', '0', '1%', '2'])}"

    def ratio(self):
        """Of states."""
        return "ratio(" + self.rng.choice(["fail", "pass", "error", "inconclusive", "missing", "missing", "missing", "duplicate", "fail of 'assertion 0'",
                                           "pass of 'assertion 0'"]) + ")" + self.tags()

    def percentile(self):
        """Of durations and of numbers."""
        rng, x, y = self.rng, self.rng.choice(self.names), self.rng.choice(self.names)
        word = rng.choice(["p(50)", "p(90)", "p( 99 )", "percentile(75)", "p(100)", "med", "median", "p(33.3)", "p(99.9)", "p(25)"])
        made = rng.choice([f"each ${x}.duration", f"each ${x}.duration", f"each ${x}.n", f"${x}.duration", f"${x}.n", f"${x}.end - ${y}.start", f"${x}.start - $injection.time",
                           f"${x}.duration * 2", f"length(${x}.name)", "output:length", "output:wait"])
        return f"{word}({made}){self.tags()}"


class Baseline(Rules):
    """Ratios and percentiles that are no worse than those of a campaign before"""
    expressions = _BaselineRules
    size = (110, 9)  # what chance alone does not bring needs many samples

    def suite(self, number):
        made = super().suite(number)
        for one in made["thresholds"]:
            one.pop("warmup", None)
            one.pop("over", None)
            if self.rng.random() < 0.4:
                one["over"] = self.rng.choice(["1s", "2s", "10s"])
            if "by" in one and self.rng.random() < 0.5:
                del one["by"]
            if self.rng.random() < 0.3:
                one.pop("min_samples", None)
        return {**made, "baseline": "baseline.json"}

    def before(self, one):
        """A threshold of the campaign before: mostly the same measure."""
        rng, rule = self.rng, one["rule"].split(" no worse")[0]
        one["by"] = rng.sample(one["by"], len(one["by"])) if "by" in one and rng.random() < 0.9 else []
        if not one["by"]:
            del one["by"]
        if rule.startswith("ratio"):
            one["rule"] = rule.replace("ratio(", rng.choice(["ratio(", "ratio(", "ratio( ", "count("])) + " <= 1"
            return
        if rng.random() < 0.4:
            rule = re.sub(r"^(p|percentile)\([^)]*\)|^med(ian)?", rng.choice(["p(95)", "p( 50 )", "med", "percentile(10)"]), rule)
        lasts = re.search(r"duration|wait|\.end|\.start", rule)
        one["rule"] = rule + (" < 1s" if lasts else " < 5")

    def finish(self, batch, spans, injections):
        """Adds the campaign before: other traces, the same measures. Now some traces may be missing, and spans last longer."""
        rng = self.rng
        batch.config["campaign"]["correlation"] = "auto"
        before = copy.deepcopy(batch.config)
        for suite in before["suites"]:
            suite.pop("baseline")
            for one in suite["thresholds"]:
                self.before(one)
        if rng.random() < 0.6:
            batch.spans = [entry for entry in batch.spans if int(entry[2]["traceId"][:4] or "0", 16) % 3]
        if rng.random() < 0.6:
            for _, _, span in spans:
                start, end = (int(span.get(word, 0)) for word in ("startTimeUnixNano", "endTimeUnixNano"))
                if end > start and rng.random() < 0.8:
                    span["endTimeUnixNano"] = str(start + (end - start) // 100_000)
        batch.baseline = replace(batch, config=before, spans=spans, injections=injections, may_be_refused=False)
        return batch
