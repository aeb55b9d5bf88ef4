"""Kafka 3.9 in KRaft mode, one node, from its Maven artefacts (`tests/peers/prepare`).

Topics come into being when they are first used. Records are read back with kafka-python, which shares
no code with librdkafka.
"""
import contextlib
import os
import shutil
import sys
import time
import warnings
from collections import namedtuple

from tests.peers.process import Missing, Server, find_program

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

#: What a topic gave back; `headers` is a list of (name, bytes).
Record = namedtuple("Record", "topic partition offset key value headers timestamp")

# Short session and heartbeat: after `kill` a new start would else wait out the old registration.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
num.partitions={partitions}
auto.create.topics.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=2097152
"""


def cache_folder():
    return os.path.join(os.environ.get("ASSERTD_PEERS") or os.path.join(_ROOT, "build", "peers"),
                        "kafka")


def _client():
    """kafka-python, imported late: preparing the broker does not need it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import kafka  # pylint: disable=import-outside-toplevel
    return kafka


class Kafka(Server):
    ready = "Kafka Server started"

    def __init__(self, partitions=3, properties=None):
        """`properties`: broker settings beside or instead of the usual ones."""
        super().__init__()
        self._partitions = partitions
        self._properties = properties or {}
        self._cache = cache_folder()
        self._archive = os.path.join(self._cache, "classes.jsa")
        self.make_archive = False

    def prepare(self):
        if not os.path.exists(os.path.join(self._cache, "classpath")):
            raise Missing("Kafka", "tests/peers/prepare")
        self.port = self.lease_port()
        self.brokers = f"127.0.0.1:{self.port}"
        text = _PROPERTIES.format(port=self.port, controller=self.lease_port(), folder=self.folder,
                                  partitions=self._partitions)
        text += "".join(f"{name}={value}\n" for name, value in self._properties.items())
        self.write_file("server.properties", text)
        shutil.copytree(os.path.join(self._cache, "formatted"), self.path("data"))

    def command(self):
        java = find_program(["java"],
                            "apt-get install --no-install-recommends openjdk-17-jre-headless")
        with open(os.path.join(self._cache, "classpath"), encoding="utf-8") as file:
            classpath = file.read()
        flags = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 "-Dorg.slf4j.simpleLogger.logFile=System.out"]
        if self.make_archive:
            flags.append("-XX:ArchiveClassesAtExit=" + self._archive)
        elif os.path.exists(self._archive):
            flags += ["-XX:SharedArchiveFile=" + self._archive,
                      "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        return [java, *flags, "-cp", classpath, "kafka.Kafka", self.path("server.properties")]

    @contextlib.contextmanager
    def consumer(self, **options):
        consumer = _client().KafkaConsumer(bootstrap_servers=self.brokers, enable_auto_commit=False,
                                 auto_offset_reset="earliest", check_crcs=True, **options)
        try:
            yield consumer
        finally:
            consumer.close()

    def topics(self):
        with self.consumer() as consumer:
            return set(consumer.topics())

    def records(self, topic, deadline=30.0):
        """Every record of the topic from its beginning to its present end, by partition and offset."""
        with self.consumer() as consumer:
            if topic not in consumer.topics():
                return []
            partitions = [_client().TopicPartition(topic, n)
                          for n in consumer.partitions_for_topic(topic)]
            ends = consumer.end_offsets(partitions)
            consumer.assign(partitions)
            consumer.seek_to_beginning()
            found = []
            end = time.monotonic() + deadline
            while any(consumer.position(p) < ends[p] for p in partitions):
                if time.monotonic() > end:
                    raise TimeoutError(f"{topic}: {len(found)} records read, ends {ends}")
                for batch in consumer.poll(timeout_ms=200).values():
                    found += [Record(r.topic, r.partition, r.offset, r.key, r.value,
                                     list(r.headers or ()), r.timestamp) for r in batch]
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def produce(self, topic, records):
        """Sends (key, value, headers) tuples; for tests of this module."""
        producer = _client().KafkaProducer(bootstrap_servers=self.brokers, acks="all")
        try:
            for future in [producer.send(topic, value, key, headers)
                           for key, value, headers in records]:
                future.get(30)
        finally:
            producer.close()


def _make_archive():
    server = Kafka()
    server.make_archive = True
    with server:
        server.stop()


if __name__ == "__main__":
    if sys.argv[1:] != ["archive"]:
        sys.exit("usage: python3 -m tests.peers.kafka archive")
    _make_archive()
