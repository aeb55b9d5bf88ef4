"""Which order goes wrong, and how: a pure function of the seed and the order's number.

The worker asks it to go wrong and the load script asks it to know the truth, so both agree
without talking to each other. An order has at most one fault.
"""
import hashlib
from dataclasses import dataclass

KINDS = ("drop", "late", "error", "double")
"""drop: taken from the queue and lost. late: processed after its deadline. error: the write
fails and nobody is told. double: the record is written twice."""

DEFAULT_RATES = "drop=3%,late=1%,error=1%,double=1%"
NONE = "none"


@dataclass(frozen=True)
class Plan:
    """Faults by seed: `rates` maps a kind to its share of the orders, 0 to 1."""

    seed: int
    rates: dict

    def fault_of(self, number):
        """Returns the fault of an order, or None."""
        digest = hashlib.sha256(f"{self.seed}/{number}".encode()).digest()
        draw = int.from_bytes(digest[:8], "big") / 2**64
        for kind in KINDS:
            draw -= self.rates[kind]
            if draw < 0:
                return kind
        return None


def parse(seed, text):
    """Reads `drop=3%,late=1%` (other kinds never happen) or `none`; ValueError if it is neither."""
    rates = dict.fromkeys(KINDS, 0.0)
    for part in [] if text == NONE else text.split(","):
        kind, _, share = part.partition("=")
        if kind not in rates:
            raise ValueError(f"unknown fault {kind!r}: one of {', '.join(KINDS)}")
        rates[kind] = float(share.rstrip("%")) / (100 if share.endswith("%") else 1)
    if min(rates.values()) < 0 or sum(rates.values()) > 1:
        raise ValueError(f"{text!r}: shares must not be negative, and together at most 100 %")
    return Plan(seed, rates)


def add_arguments(parser):
    """Adds --seed and --faults to a command line."""
    parser.add_argument("--seed", type=int, default=0, help="decides which orders go wrong")
    parser.add_argument("--faults", default=NONE, metavar="LIST",
                        help="'none' (default), or shares: " + DEFAULT_RATES.replace("%", "%%"))
