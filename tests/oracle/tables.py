"""Hand-written cases: small tables whose answers were worked out from the semantics, not by a program.

`python3 -m tests.oracle.tables` writes them as tests/oracle/cases/*.json: configuration, traces, records and the
expected parts of the report, for anything that can run `check`.
"""

import json
import os

from .table_campaign import section_6_campaign, section_6_thresholds
from .table_conditions import section_4, section_5
from .table_corners import corners
from .table_refused import refused
from .table_spans import section_1_3, section_2

FOLDER = os.path.join(os.path.dirname(__file__), "cases")


def tables():
    """File name -> cases."""
    return {"section-1-3.json": section_1_3(), "section-2.json": section_2(), "section-4.json": section_4(), "section-5.json": section_5(),
            "section-6-thresholds.json": section_6_thresholds(), "section-6-campaign.json": section_6_campaign(), "refused.json": refused(),
            "corners.json": corners()}


def text(cases):
    """The text of a file of cases."""
    return json.dumps(cases, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main():
    """Writes all files."""
    os.makedirs(FOLDER, exist_ok=True)
    for name, cases in tables().items():
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as target:
            target.write(text(cases))
        print(name, len(cases))


if __name__ == "__main__":
    main()
