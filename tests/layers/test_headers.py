"""Every header compiles alone, and may be included twice."""
import os
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from tests.layers import check_includes

ROOT = os.environ["ASSERTD_SOURCE_DIR"]
CC = os.environ.get("ASSERTD_CC", "cc")
FLAGS = ["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Wstrict-prototypes", "-Werror", "-I", ROOT, "-x", "c"]


def compile_alone(text):
    """The compiler's complaints about a translation unit of this text; empty when there are none."""
    done = subprocess.run([CC, *FLAGS, "-"], input=text, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


class Headers(unittest.TestCase):
    maxDiff = None

    def test_each_compiles_alone(self):
        headers = [path for path in check_includes.sources(ROOT) if path.endswith(".h")]
        self.assertTrue(headers)
        units = [f'#include "{path}"\n#include "{path}"\n' for path in headers]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            complaints = [c for c in pool.map(compile_alone, units) if c]
        self.assertEqual("", "\n".join(complaints))

    def test_a_header_that_needs_another_is_seen(self):
        self.assertNotEqual("", compile_alone("size_t length(void);\n"))


if __name__ == "__main__":
    unittest.main()
