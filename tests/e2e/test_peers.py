"""The servers that other tests rely on: they start, take data, give it back, and keep it."""
import time
import unittest

from tests.peers.carbon import Carbon
from tests.peers.influxdb import InfluxDB
from tests.peers.kafka import Kafka
from tests.peers.ports import Lease
from tests.peers.process import Missing, NotReady, Process, find_program, wait_until
from tests.peers.redis import Redis
from tests.peers.victoria import VictoriaMetrics


class KafkaPeer(unittest.TestCase):
    def test_records_are_read_back_with_key_headers_partition_and_offset(self):
        sent = [(b"k%d" % n, b"v%d" % n, [("content-type", b"application/json"), ("n", b"%d" % n)])
                for n in range(50)]
        with Kafka() as broker:
            broker.produce("first", sent)
            found = broker.records("first")
            self.assertEqual(sorted(sent), sorted((r.key, r.value, r.headers) for r in found))
            self.assertEqual(3, len({r.partition for r in found}))
            for partition in range(3):
                offsets = [r.offset for r in found if r.partition == partition]
                self.assertEqual(list(range(len(offsets))), offsets)
            self.assertIn("first", broker.topics())
            self.assertEqual([], broker.records("never-used"))

    def test_data_survives_a_clean_stop_and_a_kill(self):
        with Kafka() as broker:
            broker.produce("t", [(b"1", b"before", [])])
            brokers = broker.brokers
            self.assertEqual(143, broker.stop())
            broker.start()
            self.assertEqual(brokers, broker.brokers)
            broker.produce("t", [(b"2", b"between", [])])
            broker.kill()
            broker.start()
            broker.produce("t", [(b"3", b"after", [])])
            self.assertEqual({b"before", b"between", b"after"},
                             {r.value for r in broker.records("t")})


class InfluxDBPeer(unittest.TestCase):
    def test_points_are_read_back_and_survive_a_restart(self):
        with InfluxDB() as store:
            store.create_database("t")
            self.assertEqual(204, store.write("t", 'm,a=b f=1i,s="x" 1000\nm,a=c f=2i 2000\n'))
            wanted = {"m": [{"time": 1000, "a": "b", "f": 1, "s": "x"},
                            {"time": 2000, "a": "c", "f": 2, "s": None}]}
            self.assertEqual(wanted, store.points("t"))
            store.restart()
            self.assertEqual(wanted, store.points("t"))

    def test_a_paused_server_answers_when_resumed(self):
        with InfluxDB() as store:
            store.create_database("t")
            store.pause()
            store.resume()
            self.assertEqual({}, store.points("t"))


class VictoriaPeer(unittest.TestCase):
    def test_points_of_the_second_api_are_read_back_and_survive_a_restart(self):
        now = time.time_ns() // 10**6
        with VictoriaMetrics() as store:
            self.assertEqual(204, store.write_v2(f"m,a=b f=1i {now}000000\n"))
            wanted = [{"metric": {"__name__": "m_f", "a": "b"}, "values": [1],
                       "timestamps": [now]}]
            self.assertEqual(wanted, store.export())
            store.restart()
            self.assertEqual(wanted, store.export())


class CarbonPeer(unittest.TestCase):
    def test_plain_and_tagged_series_are_read_back_and_survive_a_restart(self):
        now = int(time.time())
        wanted = {"a.b.c": {now: 1.5}, "x.y;t=1;u=2.0": {now: 7.0}}
        with Carbon() as store:
            store.send("".join(f"{name} {values[now]} {now}\n" for name, values in wanted.items()))
            wait_until(lambda: store.series() == wanted, 20, "both series on disk")
            store.restart()
            self.assertEqual(wanted, store.series())


class RedisPeer(unittest.TestCase):
    def test_values_and_streams_survive_a_kill(self):
        with Redis() as store:
            self.assertEqual(b"OK", store.call("SET", "a", "b"))
            entry = store.call("XADD", "s", "*", "injection", "{}")
            store.kill()
            store.start()
            self.assertEqual(b"b", store.call("GET", "a"))
            self.assertIsNone(store.call("GET", "none"))
            self.assertEqual([[entry, [b"injection", b"{}"]]], store.call("XRANGE", "s", "-", "+"))
            with self.assertRaisesRegex(RuntimeError, "unknown command"):
                store.call("NONSENSE")


class Base(unittest.TestCase):
    def test_a_missing_program_is_told_with_its_install_line(self):
        with self.assertRaisesRegex(Missing, "apt-get install nothing"):
            find_program(["no-such-program"], "apt-get install nothing")

    def test_a_process_that_ends_before_it_is_ready_is_told_with_its_output(self):
        process = Process(["sh", "-c", "echo last words"])
        with self.assertRaisesRegex(NotReady, "last words"):
            process.wait_for_line("ready")
        self.assertEqual(0, process.wait())

    def test_two_leases_never_hold_the_same_port(self):
        leases = [Lease() for _ in range(50)]
        try:
            self.assertEqual(50, len({lease.port for lease in leases}))
        finally:
            for lease in leases:
                lease.release()


if __name__ == "__main__":
    unittest.main()
