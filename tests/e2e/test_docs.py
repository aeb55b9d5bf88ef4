"""What the documentation shows is true: every configuration in it validates, every link in it leads somewhere."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ASSERTD_BINARY", "assertd")
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SETTING = re.compile(r"\s*[a-z_]+\s*=\s*[({\"]")


def configurations():
    """(page, line, text) of each fenced block that is libconfig."""
    for page in PAGES:
        lines = page.read_text().splitlines()
        start = None
        for number, line in enumerate(lines, 1):
            if not line.startswith("```"):
                continue
            if start is None:
                start, language = number, line[3:].strip()
            else:
                block = lines[start:number - 1]
                if language in ("", "libconfig") and block and SETTING.match(block[0]):
                    yield page, start + 1, "\n".join(block)
                start = None


class Docs(unittest.TestCase):
    def test_every_configuration_shown_validates(self):
        seen = 0
        for page, line, text in configurations():
            with self.subTest(page=page.name, line=line), tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "suites.d").mkdir()
                config = pathlib.Path(folder) / "shown.conf"
                config.write_text(text)
                done = subprocess.run([BINARY, "validate", "--config", config], capture_output=True, text=True, timeout=30)
                self.assertEqual(0, done.returncode, done.stderr)
                seen += 1
        self.assertGreaterEqual(seen, 4)

    def test_every_local_link_leads_to_a_file(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
                with self.subTest(page=page.name, target=target):
                    if not re.match(r"[a-z]+:", target):
                        self.assertTrue((page.parent / target).exists())

    def test_every_command_has_help(self):
        listed = subprocess.run([BINARY, "help"], capture_output=True, text=True, timeout=30).stdout
        commands = re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)
        self.assertGreaterEqual(set(commands), {"serve", "run", "check", "validate", "print-config", "ctl", "version"})
        for command in set(commands) - {"help"}:
            with self.subTest(command=command):
                done = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, timeout=30)
                self.assertEqual(0, done.returncode)
                self.assertIn("--help", done.stdout)


if __name__ == "__main__":
    unittest.main()
