"""The overload drill for a minute, at ten times of what the daemon can take."""
import unittest

from tests.e2e import test_overload


class OverloadMinuteTest(test_overload.OverloadTest):
    seconds = 60
    least_factor = 10
    completion = {"quiet": "1s", "deadline": "4s", "grace": "500ms"}


def load_tests(loader, *_):
    return loader.loadTestsFromTestCase(OverloadMinuteTest)


if __name__ == "__main__":
    unittest.main()
