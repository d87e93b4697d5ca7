// Bare librdkafka loops: what the library itself reaches with Millrace's settings, for tools/bench to compare with.
//
//   loop consume BOOTSTRAP TOPIC...          read every record once, one poll a record
//   loop produce BOOTSTRAP FROM TO RECORDS   load up to RECORDS of FROM into memory, then write them to TO
//
// Prints one JSON object: records, bytes (keys and values), seconds.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "loop: %s: %s\n", what, why);
  exit(1);
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *bootstrap, const char *const settings[][2]) {
  char error[512];
  rd_kafka_conf_t *configuration = rd_kafka_conf_new();
  if (rd_kafka_conf_set(configuration, "bootstrap.servers", bootstrap, error, sizeof error) != RD_KAFKA_CONF_OK)
    fail("bootstrap.servers", error);
  for (int i = 0; settings[i][0]; i++)
    if (rd_kafka_conf_set(configuration, settings[i][0], settings[i][1], error, sizeof error) != RD_KAFKA_CONF_OK)
      fail(settings[i][0], error);
  rd_kafka_t *made = rd_kafka_new(type, configuration, error, sizeof error);
  if (!made) fail("client", error);
  return made;
}

static rd_kafka_t *consumer(const char *bootstrap) {
  static const char *const settings[][2] = {
      {"group.id", "millrace-bench"},      {"enable.auto.commit", "false"}, {"enable.partition.eof", "true"},
      {"auto.offset.reset", "earliest"},   {"check.crcs", "true"},          {"queued.max.messages.kbytes", "16384"},
      {"socket.nagle.disable", "true"},    {0}};
  rd_kafka_t *made = client(RD_KAFKA_CONSUMER, bootstrap, settings);
  rd_kafka_poll_set_consumer(made);
  return made;
}

/// Assigns all partitions of a topic from their beginnings; returns how many hold records.
static int add_partitions(rd_kafka_t *kafka, const char *topic, rd_kafka_topic_partition_list_t *list) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *handle = rd_kafka_topic_new(kafka, topic, NULL);
  if (rd_kafka_metadata(kafka, 0, handle, &metadata, 10000) || metadata->topic_cnt != 1) fail(topic, "no metadata");
  int filled = 0;
  for (int i = 0; i < metadata->topics[0].partition_cnt; i++) {
    int64_t low, high;
    int32_t partition = metadata->topics[0].partitions[i].id;
    if (rd_kafka_query_watermark_offsets(kafka, topic, partition, &low, &high, 10000)) fail(topic, "no offsets");
    if (high == low) continue;
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = low;
    filled++;
  }
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  return filled;
}

struct record {
  int32_t partition;
  size_t key_bytes, value_bytes, origin_bytes;
  char *bytes;
  int has_value;
  int64_t timestamp;
};

/// Reads to the end of all partitions; `take` answers 0 when it wants no more.
static void read_all(rd_kafka_t *kafka, int open, int (*take)(rd_kafka_message_t *, void *), void *context) {
  while (open > 0) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(kafka, 10000);
    if (!message) fail("consume", "nothing came for ten seconds");
    int goes_on = 1;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      open--;
    else if (message->err)
      fail("consume", rd_kafka_message_errstr(message));
    else
      goes_on = take(message, context);
    rd_kafka_message_destroy(message);
    if (!goes_on) return;
  }
}

struct sum {
  long long records, bytes;
};

static int count(rd_kafka_message_t *message, void *context) {
  struct sum *sum = context;
  sum->records++;
  sum->bytes += (long long)(message->len + message->key_len);
  return 1;
}

static void report(struct sum sum, double seconds) {
  printf("{\"records\": %lld, \"bytes\": %lld, \"seconds\": %.6f}\n", sum.records, sum.bytes, seconds);
}

static void consume(const char *bootstrap, char **topics, int topic_count) {
  rd_kafka_t *kafka = consumer(bootstrap);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
  int open = 0;
  for (int i = 0; i < topic_count; i++) open += add_partitions(kafka, topics[i], list);
  struct sum sum = {0};
  double began = now();
  rd_kafka_assign(kafka, list);
  read_all(kafka, open, count, &sum);
  report(sum, now() - began);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_consumer_close(kafka);
  rd_kafka_destroy(kafka);
}

struct loaded {
  struct record *records;
  long long count, limit;
};

static int load(rd_kafka_message_t *message, void *context) {
  struct loaded *loaded = context;
  struct record *record = &loaded->records[loaded->count++];
  const void *origin = NULL;
  rd_kafka_headers_t *headers;
  record->origin_bytes = 0;
  if (!rd_kafka_message_headers(message, &headers))
    rd_kafka_header_get_last(headers, "millrace-origin", &origin, &record->origin_bytes);
  record->partition = message->partition;
  record->key_bytes = message->key_len;
  record->value_bytes = message->len;
  record->has_value = message->payload != NULL;
  record->timestamp = rd_kafka_message_timestamp(message, NULL);
  record->bytes = malloc(record->key_bytes + record->value_bytes + record->origin_bytes + 1);
  if (!record->bytes) fail("produce", "no memory");
  memcpy(record->bytes, message->key, record->key_bytes);
  if (record->has_value) memcpy(record->bytes + record->key_bytes, message->payload, record->value_bytes);
  if (origin) memcpy(record->bytes + record->key_bytes + record->value_bytes, origin, record->origin_bytes);
  return loaded->count < loaded->limit;
}

static long long failed;

static void delivered(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque) {
  (void)kafka, (void)opaque;
  if (message->err) failed++;
}

static void produce(const char *bootstrap, const char *from, const char *to, long long limit) {
  rd_kafka_t *reader = consumer(bootstrap);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
  int open = add_partitions(reader, from, list);
  struct loaded loaded = {calloc((size_t)limit, sizeof(struct record)), 0, limit};
  if (!loaded.records) fail("produce", "no memory");
  rd_kafka_assign(reader, list);
  read_all(reader, open, load, &loaded);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_consumer_close(reader);
  rd_kafka_destroy(reader);

  static const char *const settings[][2] = {{"enable.idempotence", "true"},
                                            {"acks", "all"},
                                            {"compression.codec", "zstd"},
                                            {"linger.ms", "5"},
                                            {"queue.buffering.max.messages", "100000"},
                                            {"socket.nagle.disable", "true"},
                                            {0}};
  char error[512];
  rd_kafka_conf_t *configuration = rd_kafka_conf_new();
  rd_kafka_conf_set(configuration, "bootstrap.servers", bootstrap, error, sizeof error);
  for (int i = 0; settings[i][0]; i++)
    if (rd_kafka_conf_set(configuration, settings[i][0], settings[i][1], error, sizeof error) != RD_KAFKA_CONF_OK)
      fail(settings[i][0], error);
  rd_kafka_conf_set_dr_msg_cb(configuration, delivered);
  rd_kafka_t *writer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, error, sizeof error);
  if (!writer) fail("producer", error);
  // The first record would wait for the topic's metadata otherwise.
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *topic = rd_kafka_topic_new(writer, to, NULL);
  if (rd_kafka_metadata(writer, 0, topic, &metadata, 10000)) fail(to, "no metadata");
  rd_kafka_metadata_destroy(metadata);

  struct sum sum = {0};
  double began = now();
  for (long long i = 0; i < loaded.count; i++) {
    struct record *record = &loaded.records[i];
    for (;;) {
      rd_kafka_resp_err_t code = rd_kafka_producev(
          writer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(record->partition),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record->bytes, record->key_bytes),
          RD_KAFKA_V_VALUE((record->has_value ? record->bytes + record->key_bytes : NULL), record->value_bytes),
          RD_KAFKA_V_TIMESTAMP(record->timestamp),
          RD_KAFKA_V_HEADER("millrace-origin", record->bytes + record->key_bytes + record->value_bytes,
                            (ssize_t)record->origin_bytes),
          RD_KAFKA_V_END);
      if (!code) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail("produce", rd_kafka_err2str(code));
      rd_kafka_poll(writer, 10);
    }
    sum.records++;
    sum.bytes += (long long)(record->key_bytes + record->value_bytes);
    if (i % 256 == 0) rd_kafka_poll(writer, 0);
  }
  if (rd_kafka_flush(writer, 120000)) fail("produce", "not all records were acknowledged");
  if (failed) fail("produce", "records failed");
  report(sum, now() - began);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(writer);
}

int main(int argc, char **argv) {
  if (argc >= 4 && !strcmp(argv[1], "consume"))
    consume(argv[2], argv + 3, argc - 3);
  else if (argc == 6 && !strcmp(argv[1], "produce"))
    produce(argv[2], argv[3], argv[4], atoll(argv[5]));
  else
    fail("usage", "loop consume BOOTSTRAP TOPIC... | loop produce BOOTSTRAP FROM TO RECORDS");
  return 0;
}
