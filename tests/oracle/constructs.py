"""All constructs about which there are random runs."""

from .generate_across import Across
from .generate_baseline import Baseline
from .generate_clocks import Skews
from .generate_focus import Aliases, Functions, Outputs, Variables
from .generate_quality import Quality
from .generate_rules import Rules
from .generate_whole_rules import WholeRules

CONSTRUCTS = {"aliases": Aliases, "functions": Functions, "variables": Variables, "outputs": Outputs, "thresholds": Rules, "clocks": Skews,
              "across": Across, "defects": Quality, "baseline": Baseline, "whole rules": WholeRules}
