"""Cases and their families: what is sent, what is accepted, and where that is written."""

MUST, SHOULD, ROBUST = "MUST", "SHOULD", "robust"
LEVELS = (MUST, SHOULD, ROBUST)


class Skip(Exception):
    """A case cannot be shown here, with the reason."""


class Case:
    """`run(client)` sends and returns an Outcome, which `expect` judges."""

    def __init__(self, family, name, sent, run, expect, level, section):
        self.family, self.name, self.sent, self.run = family, name, sent, run
        self.expect, self.level, self.section = expect, level, section

    @property
    def id(self):
        return f"{self.family.id}/{self.name}"

    @property
    def area(self):
        return self.family.id.split("/")[0]


class Family:
    """Cases of one rule. `rows` are those of docs/conformance.md; `section` and `level` hold for
    each case that does not bring its own."""

    def __init__(self, name, title, section, level, rows=""):
        self.id, self.title, self.section, self.level = name, title, section, level
        self.rows, self.cases = rows.split(), []

    def add(self, name, sent, run, expect, level=None, section=None):
        self.cases.append(Case(self, name, sent, run, expect, level or self.level,
                               section or self.section))
