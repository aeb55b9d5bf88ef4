"""The measures count what a reader would count."""
import os
import unittest
from importlib.machinery import SourceFileLoader

ROOT = os.environ["ASSERTD_SOURCE_DIR"]
FIXTURE = os.path.join(ROOT, "tests/layers/fixture")
measure = SourceFileLoader("measure", os.path.join(ROOT, "scripts/measure")).load_module()


def measured(name):
    return measure.measure_file(os.path.join(FIXTURE, name), name)


class Sources(unittest.TestCase):
    def test_functions_run_from_their_name_to_their_brace(self):
        self.assertEqual([("sample.c: forward", 8), ("sample.c: sample_wrapped", 5), ("sample.c: sample_short", 1)],
                         measured("sample.c").functions)

    def test_mutable_globals_are_told_from_constants(self):
        self.assertEqual(["sample.c:4: static int counter", "sample.c:6: static const char *pointer_can_change "],
                         measured("sample.c").globals)

    def test_globals_that_others_can_reach_are_listed_apart(self):
        self.assertEqual(["sample.c:5: int exported "], measured("sample.c").exported_globals)


class Headers(unittest.TestCase):
    def test_prototypes_are_counted_and_the_bare_ones_named(self):
        found = measured("sample.h")
        self.assertEqual((6, 2), (found.prototypes, found.grouped))
        self.assertEqual(["sample.h:18: sample_second", "sample.h:26: sample_fourth"], found.undocumented)

    def test_inline_functions_are_functions(self):
        self.assertEqual([("sample.h: sample_inline", 4)], measured("sample.h").functions)


class Numbers(unittest.TestCase):
    def test_spread_is_median_ninth_decile_and_maximum(self):
        self.assertEqual("5.5 / 10 / 10", measure.spread([("", n) for n in range(1, 11)]))

    def test_limits_name_the_longest_first(self):
        self.assertEqual(["b: 70 lines", "a: 61 lines"], measure.over([("a", 61), ("b", 70), ("c", 60)], 60))


if __name__ == "__main__":
    unittest.main()
