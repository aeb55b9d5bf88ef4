"""The unit file is one that systemd understands without a word, and stays as closed as it is."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

UNIT = os.path.join(os.environ["ASSERTD_SOURCE_DIR"], "systemd/assertd.service")
BINARY = os.environ["ASSERTD_BINARY"]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)


class Unit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.unit = os.path.join(folder, "assertd.service")
        with open(UNIT, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("ExecStart=/usr/bin/assertd ", text)
        with open(self.unit, "w", encoding="utf-8") as file:
            file.write(text.replace("/usr/bin/assertd", BINARY))

    def test_verifies_without_a_word(self):
        done = analyze("verify", "--man=no", self.unit)
        words = [line for line in done.stderr.splitlines() if "assertd.service" in line]
        self.assertEqual(([], 0), (words, done.returncode))

    def test_exposure_stays_at_or_under_1_5(self):
        done = analyze("security", "--offline=true", "--threshold=15", self.unit)
        self.assertEqual(0, done.returncode, done.stdout[-300:] + done.stderr)


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is missing: apt-get install --no-install-recommends systemd")
        sys.exit(77)
    unittest.main()
