"""Figures with Apache Kafka as the log, for `tools/bench --only kafka`.

The same events, on the same cores, in one run: the embedded log, Kafka through Millrace, bare librdkafka loops (loop.c), and
Kafka's own perf tools. The broker runs on the same cores as everything else.
"""
import json
import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MILLRACE = ROOT / "tools" / "millrace"


def millrace(*words, workspace):
    started = time.monotonic()
    done = subprocess.run([MILLRACE, *words, "--workspace", workspace], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 65):
        raise SystemExit(f"bench: millrace {' '.join(words)} ended with {done.returncode}")
    return time.monotonic() - started, done.stdout.decode()


class KafkaBench:
    """`workspace`: captured on the embedded log; `folder`: for whatever is made here; `starter`: starts a Kafka."""

    def __init__(self, workspace, folder, starter, emit):
        self.embedded, self.folder, self.starter, self.emit = Path(workspace), Path(folder), starter, emit
        self.loop = self.folder / "loop"
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run([compiler, "-O2", Path(__file__).parent / "loop.c", "-o", self.loop, "-lrdkafka"], check=True)
        self.bootstrap = self.kafka("start", "--dir", self.folder / "kafka", "--port",
                                    str(random.randrange(20000, 40000))).strip()

    def kafka(self, *words):
        done = subprocess.run([self.starter, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"bench: kafka {words[0]}: {done.stderr.decode()[-500:]}")
        return done.stdout.decode()

    def close(self):
        subprocess.run([self.starter, "stop", "--dir", self.folder / "kafka"], stdout=subprocess.DEVNULL)

    def bare(self, *words):
        return json.loads(subprocess.run([self.loop, words[0], self.bootstrap, *words[1:]], check=True,
                                         stdout=subprocess.PIPE).stdout)

    def rebuild(self, workspace):
        shutil.rmtree(workspace / "marts", ignore_errors=True)
        seconds, _ = millrace("project", "--once", workspace=workspace)
        _, text = millrace("runs", "--format", "json", "--job", "project", "--limit", "1", workspace=workspace)
        return json.loads(text)["runs"][0]["counts"]["events"] / seconds

    def run(self):
        twin = self.folder / "on-kafka"
        shutil.copytree(self.embedded, twin, ignore=shutil.ignore_patterns("marts", "sources"))
        _, text = millrace("log", "copy", "--from", "embedded", "--to", "kafka", "--bootstrap", self.bootstrap, "--adopt",
                           "--format", "json", workspace=twin)
        copied = json.loads(text)
        self.emit("kafka.copy", copied["records"] / copied["seconds"], "records/s", None, "higher", records=copied["records"])

        embedded = self.rebuild(self.embedded)
        on_kafka = self.rebuild(twin)
        self.emit("kafka.rebuild", on_kafka, "events/s", None, "higher")
        self.emit("kafka.rebuild_ratio", on_kafka / embedded, "ratio", 0.7, "higher", against="rebuild from the embedded log",
             embedded=round(embedded))

        _, text = millrace("log", "topics", "--format", "json", workspace=twin)
        topics = sorted({row["topic"] for row in json.loads(text)["partitions"] if row["next_offset"] > 0})
        bare = self.bare("consume", *topics)
        self.emit("kafka.bare_consumer", bare["records"] / bare["seconds"], "records/s", None, "higher",
             records=bare["records"])
        seconds, text = millrace("log", "scan", "--format", "json", workspace=twin)
        scan = json.loads(text)
        self.emit("kafka.scan", scan["records"] / scan["seconds"], "records/s", None, "higher",
             ratio=round(scan["records"] / scan["seconds"] / (bare["records"] / bare["seconds"]), 3),
             against="kafka.bare_consumer")
        weblog = sum(row["next_offset"] for row in json.loads(millrace("log", "topics", "--format", "json", workspace=twin)[1])
                     ["partitions"] if row["topic"] == "weblog")
        text = self.kafka("consume-perf", "--bootstrap-server", self.bootstrap, "--topic", "weblog", "--num-records", weblog)
        rate = [float(cell) for cell in text.strip().splitlines()[-1].split(",")[5:6]]
        self.emit("kafka.consume_perf", rate[0] if rate else 0, "records/s", None, "higher")
        self.produce(twin, weblog)

    def produce(self, twin, records):
        count = min(records, 1_000_000)
        self.kafka("topics", "--bootstrap-server", self.bootstrap, "--create", "--topic", "bare", "--partitions", 4,
                   "--config", "retention.ms=-1")
        bare = self.bare("produce", "weblog", "bare", str(count))
        bare_rate = bare["records"] / bare["seconds"]
        self.emit("kafka.bare_producer", bare_rate, "records/s", None, "higher", bytes_each=round(bare["bytes"] / bare["records"]))
        # The same records through Millrace's writer, read from the embedded log on the way: a lower bound of the writer alone.
        _, text = millrace("log", "copy", "--from", "embedded", "--to", "kafka", "--bootstrap", self.bootstrap,
                           "--topic-prefix", "bench-", "--topic", "weblog", "--format", "json", workspace=self.embedded)
        copied = json.loads(text)
        rate = copied["records"] / copied["seconds"]
        text = self.kafka("topics", "--bootstrap-server", self.bootstrap, "--create", "--topic", "perf", "--partitions", 4)
        size = round(bare["bytes"] / bare["records"])
        text = self.kafka("produce-perf", "--topic", "perf", "--num-records", count, "--record-size", size,
                          "--throughput", "-1", "--producer-props", f"bootstrap.servers={self.bootstrap}", "acks=all",
                          "enable.idempotence=true", "compression.type=zstd", "linger.ms=5")
        found = re.findall(r"([0-9.]+) records/sec", text)
        perf = float(found[-1]) if found else 0.0
        self.emit("kafka.produce", rate, "records/s", round(perf), "higher", ratio=round(rate / bare_rate, 3),
             against="kafka.bare_producer", goal_ratio=0.6)
        self.emit("kafka.produce_perf", perf, "records/s", None, "higher")
