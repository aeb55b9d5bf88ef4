"""The layers hold: includes, declared links and symbols; and the checks do see a breach."""
import os
import shutil
import subprocess
import tempfile
import unittest

from tests.layers import check_includes, check_links
from tests.layers.check_links import Archive

ROOT = os.environ["ASSERTD_SOURCE_DIR"]
LISTING = os.environ.get("ASSERTD_ARCHIVES")
NM = os.environ.get("ASSERTD_NM", "nm")
CC = os.environ.get("ASSERTD_CC", "cc")


class TheProgram(unittest.TestCase):
    maxDiff = None

    def test_includes_follow_the_layers(self):
        self.assertGreater(len(check_includes.sources(ROOT)), 2)
        self.assertEqual([], check_includes.violations(ROOT))

    def test_declared_links_follow_the_layers(self):
        self.assertEqual([], check_links.declared_violations(check_links.read_archives(LISTING)))

    def test_symbols_follow_the_layers(self):
        self.assertEqual([], check_links.symbol_violations(check_links.read_archives(LISTING), NM))


class ABreachIsSeen(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        return full

    def breaches(self, path, line):
        self.write(path, f"/* why */\n{line}\n")
        return check_includes.violations(self.root)

    def test_core_including_model(self):
        self.write("daemon/model/span.h", "")
        self.assertEqual(
            ["daemon/core/arena.c:2: daemon/model/span.h belongs to daemon/model, which daemon/core may not see"],
            self.breaches("daemon/core/arena.c", '#include "daemon/model/span.h"'))

    def test_receivers_including_assertions_through_odd_spacing(self):
        self.write("assertions/suite.h", "")
        self.assertEqual(1, len(self.breaches("receivers/otlp/grpc.c", ' #  include  "assertions/suite.h"')))

    def test_include_by_a_relative_path(self):
        self.write("daemon/core/bytes.h", "")
        self.assertEqual(1, len(self.breaches("daemon/core/arena.c", '#include "bytes.h"')))

    def test_third_party_header_of_another_layer(self):
        self.assertEqual(1, len(self.breaches("assertions/suite.c", "#include <event2/event.h>")))

    def test_third_party_header_in_a_header(self):
        self.assertEqual(1, len(self.breaches("daemon/net/loop.h", "#include <event2/event.h>")))

    def test_unknown_system_header(self):
        self.assertEqual(1, len(self.breaches("daemon/core/arena.c", "#include <glib.h>")))

    def test_allowed_includes_pass(self):
        self.write("daemon/core/bytes.h", "")
        text = '#include <sys/socket.h>\n#include <event2/event.h>\n#include "daemon/core/bytes.h"'
        self.assertEqual([], self.breaches("daemon/net/loop.c", text))

    def archive(self, folder, name, code):
        source = self.write(f"{name}.c", code)
        path = os.path.join(self.root, f"lib{name}.a")
        subprocess.run([CC, "-c", source, "-o", source + ".o"], check=True)
        subprocess.run(["ar", "rc", path, source + ".o"], check=True)
        return Archive(folder, path, [], name)

    def test_symbol_of_a_forbidden_layer(self):
        upper = self.archive("assertions", "upper", "int upper(void) { return 1; }")
        lower = self.archive("daemon/core", "lower", "int upper(void); int lower(void) { return upper(); }")
        self.assertEqual(["liblower.a needs upper of libupper.a, which daemon/core may not see"],
                         check_links.symbol_violations([upper, lower]))

    def test_symbol_of_a_lower_layer_passes(self):
        core = self.archive("daemon/core", "core", "int core(void) { return 1; }")
        model = self.archive("daemon/model", "model", "int core(void); int model(void) { return core(); }")
        self.assertEqual([], check_links.symbol_violations([core, model]))

    def test_declared_link_to_a_forbidden_layer(self):
        core = Archive("daemon/core", "", ["Threads::Threads", "assertd_net"], "assertd_core")
        self.assertEqual(["assertd_core links assertd_net of daemon/net, which daemon/core may not see"],
                         check_links.declared_violations([core]))

    def test_declared_link_to_a_library_of_another_layer(self):
        core = Archive("daemon/core", "", ["PkgConfig::LIBCURL"], "assertd_core")
        self.assertEqual(["assertd_core links PkgConfig::LIBCURL, which daemon/core does not own"],
                         check_links.declared_violations([core]))


if __name__ == "__main__":
    unittest.main()
