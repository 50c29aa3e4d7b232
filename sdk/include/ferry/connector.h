/* ferry/connector.h - the whole binary contract between the ferry host and a connector.
 *
 * C11, nothing but <stddef.h> and <stdint.h>. A connector is a shared library that exports exactly one symbol,
 * ferry_connector_v1. The host loads it in a process of its own, so nothing here needs to survive unloading.
 *
 * Six rules hold for every declaration below:
 *   1. Growth.    A table begins with `uint32_t size`: the sizeof its producer was compiled with. Members are only
 *                 ever appended; a reader looks at one only through FERRY_HAS or FERRY_HAS_VALUE. No table is a
 *                 member of another table by value. What cannot be appended becomes ferry_connector_v2.
 *   2. Ownership. Nothing allocated on one side is released on the other. Arguments are borrowed until the function
 *                 returns; a receiver copies what it wants to keep. What a host function has to give back, it gives
 *                 by calling a function of yours.
 *   3. Text.      ferry_str is UTF-8 with a length, not NUL-terminated; data may be NULL only if size is 0.
 *   4. Failure.   Functions return a ferry_status. An operation that fails says why through ferry_call.fail, once,
 *                 before it returns. No exception, longjmp or signal crosses in either direction.
 *   5. Threads.   [any]: any thread, at any time while the object lives. [call]: only the thread on which the host
 *                 called the current operation. An instance serves one operation at a time; instances are independent.
 *   6. Unknowns.  An unknown id gives NULL, an unknown JSON member is ignored, an unknown status means
 *                 FERRY_INTERNAL. Ids end in /REVISION; revision 0 is unstable and may vanish.
 *
 * JSON shapes of requests, facts and streams stand beside the operation they belong to.
 */
#ifndef FERRY_CONNECTOR_H_
#define FERRY_CONNECTOR_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FERRY_EXPORT __attribute__((visibility("default")))

#define FERRY_ABI_MAJOR 1u
#define FERRY_ABI_MINOR 0u

/* Does the table reach as far as `member`? For values: numbers, texts, pointers that may be NULL. */
#define FERRY_HAS_VALUE(table, member)                                                                      \
  ((size_t)(table)->size >=                                                                                  \
   (size_t)((const char *)&(table)->member - (const char *)(table)) + sizeof((table)->member))
/* Does the table exist, reach as far as `member`, and fill it? For functions. */
#define FERRY_HAS(table, member) ((table) != NULL && FERRY_HAS_VALUE(table, member) && (table)->member != NULL)

typedef struct ferry_str {
  const char *data;
  size_t size;
} ferry_str;

/* A status names who has to act. */
typedef int32_t ferry_status;
enum {
  FERRY_OK = 0,
  FERRY_CANCELLED = 1,    /* nobody: the host asked to stop */
  FERRY_UNSUPPORTED = 2,  /* the caller: this capability or option is not offered */
  FERRY_BAD_CONFIG = 3,   /* the user: correct the configuration or the request */
  FERRY_AUTH = 4,         /* the user: renew the credential, or have rights granted */
  FERRY_RATE_LIMITED = 5, /* the host: later */
  FERRY_TRANSIENT = 6,    /* the host: again (network, 5xx, a stale revision) */
  FERRY_REMOTE = 7,       /* the platform: it answered what its documentation does not allow */
  FERRY_BAD_DATA = 8,     /* the user: a record or package that cannot be taken */
  FERRY_INTERNAL = 9,     /* the connector's author */
  FERRY_REFUSED = 10      /* the user: a guard of the request stopped the operation before anything was changed */
};

/* ---- an operation in flight ------------------------------------------------------------------------------------ */

/* Lives from the host's call of an operation until that call returns. */
typedef struct ferry_call {
  uint32_t size;
  uint32_t reserved;
  void *host_data;
  ferry_str operation_id;   /* the run's id: send it as correlation id where a platform takes one */
  int64_t deadline_unix_ms; /* 0: none */

  /* [any] Non-zero once the host wants the operation to end. Return FERRY_CANCELLED soon (grace: two seconds). */
  int32_t (*cancelled)(const struct ferry_call *);

  /* [any] Decoration for people. total 0: unknown. note names the phase: "download", "wait for job". */
  void (*progress)(const struct ferry_call *, uint64_t done, uint64_t total, ferry_str note);

  /* [call] One fact, a JSON object of at most 1 MiB. The host counts; connectors never report totals. Either
   *   {"fact":"item", "type":T, "outcome":O, "id":I?, "name":N?, "count":C?, "code":W?, "message":M?,
   *    "severity":"error|warning|notice"?, "target_id":I?}
   *      O: added modified removed unchanged skipped failed unknown (a preview that cannot tell, or what was sent and
   *      not confirmed), or exported, read where an item was only delivered. count (default 1): items of that type and
   *      outcome where a platform does not name them. target_id: where a mapping sends the item. skipped and failed
   *      need code and message; they become a problem of that severity (default: error for failed, warning for
   *      skipped). A run with an error is at best partially_succeeded.
   * or {"fact":"problem", "severity":"error|warning|notice", "code":W, "message":M, "type":T?, "id":I?, "name":N?}
   *   code: one stable lower-case word. message: for people. */
  ferry_status (*report)(const struct ferry_call *, ferry_str fact_json);

  /* [call] Why the operation is about to return `status`. message: what was tried, what was found, what to do.
   * detail_json: "" or an object for logs. Precondition: at most once. */
  void (*fail)(const struct ferry_call *, ferry_status status, ferry_str message, ferry_str detail_json);

  /* [call] The host's own words for the last of its functions that did not return FERRY_OK; borrowed until the next
   * host function is called. Empty if none failed. */
  ferry_str (*last_error)(const struct ferry_call *);
} ferry_call;

/* ---- what operations give and take ------------------------------------------------------------------------------ */

enum { FERRY_ENCODING_JSON_LINES = 1 }; /* one JSON object a line, each line ended by \n, as the platform sent it */

typedef struct ferry_batch {
  uint32_t size;
  uint32_t encoding;
  uint64_t count;   /* records in data */
  const void *data; /* about 64 KiB is best; at most 16 MiB */
  size_t data_size;
} ferry_batch;

/* Where records go. */
typedef struct ferry_sink {
  uint32_t size;
  uint32_t reserved;
  void *host_data;
  /* [call] Blocks while the receiver is busy. Anything but FERRY_OK: stop and return that. */
  ferry_status (*write)(const struct ferry_sink *, ferry_str stream, const ferry_batch *);
  /* [call] Everything written to the stream before is delivered; a later read may resume from state_json. */
  ferry_status (*checkpoint)(const struct ferry_sink *, ferry_str stream, ferry_str state_json);
} ferry_sink;

/* Where an exported package goes: either one archive as the platform made it (write only), or entries of an archive
 * that the host builds (begin_entry, then write). An export uses one of the two ways. */
typedef struct ferry_package_writer {
  uint32_t size;
  uint32_t reserved;
  void *host_data;
  /* [call] Appends to the current entry, or to the platform's archive if no entry was ever begun. */
  ferry_status (*write)(const struct ferry_package_writer *, const void *data, size_t size);
  /* [call] Starts an entry. name: relative, '/' between parts, unique. Entries stand in the order they were begun. */
  ferry_status (*begin_entry)(const struct ferry_package_writer *, ferry_str name);
  /* [call] What is known about the package: a JSON object, kept with it and given back as description_json.
   * "complete":true says that it holds everything the connection has. */
  ferry_status (*describe)(const struct ferry_package_writer *, ferry_str description_json);
  /* [call] Forgets everything written so far, for a download that begins again. */
  ferry_status (*restart)(const struct ferry_package_writer *);
  /* [call] The platform's archive is complete: its SHA-256, which the host computes beside the writing, as 64 lower-case
   * hex digits without a zero behind them. Nothing may be written any more, unless it is restarted. */
  ferry_status (*sha256)(const struct ferry_package_writer *, char *hex);
} ferry_package_writer;

typedef struct ferry_package_entry {
  uint32_t size; /* set by the connector */
  uint32_t reserved;
  ferry_str name;      /* borrowed until the operation returns */
  uint64_t bytes;      /* unpacked */
} ferry_package_entry;

/* An archive the host has checked: names stay inside it, sizes are as declared and bounded, no links. */
typedef struct ferry_package_reader {
  uint32_t size;
  uint32_t reserved;
  void *host_data;
  uint64_t archive_size;      /* bytes */
  ferry_str archive_sha256;   /* lower-case hex */
  ferry_str description_json; /* what the exporting connector described; "{}" if nothing is known */
  /* [call] The archive's own bytes. *got is 0 only at the end. */
  ferry_status (*read_at)(const struct ferry_package_reader *, uint64_t offset, void *buffer, size_t capacity,
                          size_t *got);
  /* [call] Files in the archive, without directories and without the host's own description. */
  uint64_t (*entry_count)(const struct ferry_package_reader *);
  /* [call] FERRY_BAD_DATA if there is no such index. */
  ferry_status (*entry_at)(const struct ferry_package_reader *, uint64_t index, ferry_package_entry *entry);
  /* [call] The unpacked bytes of an entry, in pieces; checksum verified before it returns FERRY_OK. If receive
   * returns anything but FERRY_OK, reading stops and returns that. */
  ferry_status (*read_entry)(const struct ferry_package_reader *, uint64_t index, void *user,
                             ferry_status (*receive)(void *user, const void *data, size_t size));
} ferry_package_reader;

/* ---- services the host offers ------------------------------------------------------------------------------------ */

/* Lives as long as the instances that were created with it. */
typedef struct ferry_host {
  uint32_t size;
  uint32_t abi_minor;
  void *host_data;
  ferry_str name;    /* "ferry" */
  ferry_str version; /* of the host */
  /* [any] A const table of the service, or NULL if it is unknown or not granted. */
  const void *(*get_service)(const struct ferry_host *, ferry_str id);
} ferry_host;

/* What services call with a value that was asked for. */
typedef void (*ferry_receive)(void *user, ferry_str value);

#define FERRY_SERVICE_LOG "ferry.log/1"
enum { FERRY_LOG_DEBUG = 0, FERRY_LOG_INFO = 1, FERRY_LOG_WARNING = 2, FERRY_LOG_ERROR = 3 };
typedef struct ferry_log {
  uint32_t size;
  uint32_t reserved;
  /* [any] fields_json: "" or a flat object. Known secrets are masked. */
  void (*write)(const ferry_host *, int32_t level, ferry_str message, ferry_str fields_json);
} ferry_log;

#define FERRY_SERVICE_SECRET "ferry.secret/1"
typedef struct ferry_secret {
  uint32_t size;
  uint32_t reserved;
  /* [call] Calls receive once with the value if the connection configures the secret; FERRY_UNSUPPORTED if the
   * manifest does not list the name. */
  ferry_status (*get)(const ferry_host *, const ferry_call *, ferry_str name, void *user, ferry_receive receive);
  /* [call] From now on `value` is masked wherever the host shows something: for tokens got from the platform. */
  ferry_status (*mask)(const ferry_host *, const ferry_call *, ferry_str value);
} ferry_secret;

#define FERRY_SERVICE_STATE "ferry.state/1"
/* A small key-value store, kept between runs, one name space a connection. Not for secrets: it is not encrypted. */
typedef struct ferry_state {
  uint32_t size;
  uint32_t reserved;
  /* [call] Calls receive once if the key exists. key: at most 256 bytes. */
  ferry_status (*get)(const ferry_host *, const ferry_call *, ferry_str key, void *user, ferry_receive receive);
  /* [call] value: at most 1 MiB. */
  ferry_status (*put)(const ferry_host *, const ferry_call *, ferry_str key, ferry_str value);
  /* [call] Removing what is not there is FERRY_OK. */
  ferry_status (*remove)(const ferry_host *, const ferry_call *, ferry_str key);
} ferry_state;

#define FERRY_SERVICE_CLOCK "ferry.clock/1"
typedef struct ferry_clock {
  uint32_t size;
  uint32_t reserved;
  int64_t (*now_unix_ms)(const ferry_host *); /* [any] */
  /* [call] FERRY_CANCELLED as soon as the operation is cancelled. Connectors sleep in no other way. */
  ferry_status (*sleep_ms)(const ferry_host *, const ferry_call *, int64_t milliseconds);
} ferry_clock;

#define FERRY_SERVICE_HTTP "ferry.http/1"
typedef struct ferry_http_header { /* frozen */
  ferry_str name;
  ferry_str value;
} ferry_http_header;

/* One part of a multipart/form-data body. Its content is `data`, or the archive bytes of `package`. */
typedef struct ferry_http_part {
  uint32_t size;
  uint32_t reserved;
  ferry_str name;
  ferry_str file_name;    /* "": a plain field */
  ferry_str content_type; /* "": none is sent */
  ferry_str data;
  const ferry_package_reader *package; /* NULL: data */
} ferry_http_part;

enum {
  FERRY_HTTP_REPEATABLE = 1,  /* repeating is harmless although the method is not idempotent: a query by POST */
  FERRY_HTTP_RESTARTABLE = 2, /* on_response may be called again; what was received before is void */
  FERRY_HTTP_NO_RETRY = 4,    /* give me the first answer, whatever it is */
  FERRY_HTTP_CLEAN_UP = 8     /* also once the operation is cancelled, to stop what it began on the platform: tried
                                 once, and for no longer than the grace allows */
};

typedef struct ferry_http_request {
  uint32_t size;
  uint32_t flags; /* FERRY_HTTP_... */
  ferry_str method;
  ferry_str url; /* absolute, or a path that is appended to the connection's URL */
  const ferry_http_header *headers;
  size_t header_count;
  ferry_str body;                           /* or */
  const ferry_package_reader *body_package; /* or */
  const ferry_http_part *const *parts;      /* multipart/form-data; the host writes the content type */
  size_t part_count;
  ferry_str idempotency_key; /* "" or sent as Idempotency-Key: makes a POST repeatable */
  int64_t timeout_ms;        /* the longest silence; 0: the connection's */
} ferry_http_request;

typedef struct ferry_http_response {
  uint32_t size;
  int32_t status; /* 100..599 */
  ferry_str url;  /* after redirects */
  const ferry_http_header *headers;
  size_t header_count;
  int64_t content_length; /* -1: not announced */
} ferry_http_response;

typedef struct ferry_http_receiver {
  uint32_t size;
  uint32_t reserved;
  void *user;
  /* [call] Anything but FERRY_OK ends the exchange and is what send returns. */
  ferry_status (*on_response)(void *user, const ferry_http_response *);
  ferry_status (*on_body)(void *user, ferry_str piece); /* decoded: chunks joined, gzip unpacked */
} ferry_http_receiver;

typedef struct ferry_http {
  uint32_t size;
  uint32_t reserved;
  /* [call] One exchange, with the host's retries and redirects. FERRY_OK: the platform answered, with any status,
   * and the body was received whole. FERRY_BAD_CONFIG: the URL is not allowed. FERRY_TRANSIENT: no whole answer. */
  ferry_status (*send)(const ferry_host *, const ferry_call *, const ferry_http_request *,
                       const ferry_http_receiver *);
} ferry_http;

/* ---- what a connector offers ------------------------------------------------------------------------------------- */

typedef struct ferry_instance ferry_instance; /* the connector's own */

/* Request of every operation: a JSON object; members that are not named here are ignored. All functions below: [call]. */

/* Can this configuration be used? Request: {}. Facts: problems that tell reachability, credentials and rights apart;
 * the code read_only (a warning) says that everything works but import. */
#define FERRY_CAPABILITY_CHECK "ferry.check/1"
typedef struct ferry_check {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json);
} ferry_check;

/* What streams are there? Request: {}. Writes to stream "catalog" one object a stream:
 *   {"stream":S, "kind":"data|artefact", "schema":{JSON Schema}?, "key":["id"], "cursor":C?, "title":T?,
 *    "removals":"flagged|listed|full|never"?, "removed_when":MEMBER?, "readable":true?, "enabled":true?,
 *    "identities":false?}
 * cursor: the member by which what is new is known; without one, every read is a whole one. removals: how a removed
 * record is known: it is flagged (removed_when: by a member that is neither null nor false), it is missing in a full
 * read, or never. enabled: whether the platform keeps it up to date for this connection. */
#define FERRY_CAPABILITY_CATALOG "ferry.catalog/1"
typedef struct ferry_catalog {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json, const ferry_sink *);
} ferry_catalog;

/* Request: {"streams":[{"stream":S, "mode":"full|incremental|from|identities", "from":DATE?, "checkpoint":STATE?,
 *                       "overlap_ms":N?}], "options":{}}.
 * overlap_ms: what is read incrementally begins so much before the checkpoint's time, for records that arrived late.
 * identities: records need not hold more than their key; only of streams whose catalog says "identities":true.
 * Writes the records of each stream, as the platform sent them, and checkpoints. Records of an artefact stream are
 *   {"type":T, "id":I, "name":N, "hash":H, "version":V?, "references":[{"type":T,"id":I}]?} */
#define FERRY_CAPABILITY_READ "ferry.read/1"
typedef struct ferry_read {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json, const ferry_sink *);
} ferry_read;

/* Request: {"select":[{"type":T?, "key":ID_OR_NAME}], "dependencies":true, "options":{}}. An empty select: everything.
 * options, here and of an import: those of the manifest's "options" that this request gives, each in place of a setting.
 * Facts: one item "exported" each, or counts by type. */
#define FERRY_CAPABILITY_EXPORT "ferry.export/1"
typedef struct ferry_export {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json, const ferry_package_writer *);
} ferry_export;

/* What is in this package? Request: {}. Without the platform: no HTTP is granted. Writes artefact records (see read),
 * each to the stream of its type. */
#define FERRY_CAPABILITY_INSPECT "ferry.inspect/1"
typedef struct ferry_inspect {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json, const ferry_package_reader *,
                      const ferry_sink *);
} ferry_inspect;

/* Request: {"preview":false, "policy":"abort|replace|skip|add_version", "prune":false,
 *           "mapping":[{"type":T, "source":ID_OR_NAME, "target":ID_OR_NAME}], "options":{}, "idempotency_key":K}.
 * preview: the same work with the writes withheld; what it cannot tell is "unknown". prune: remove what the package
 * does not have. idempotency_key: the same for every attempt of one import. Facts: one item each;
 * an import that fails or is cancelled after it has sent something reports what that was: as what became of it, or as
 * unknown. Facts are taken until it returns, also after a cancel. */
#define FERRY_CAPABILITY_IMPORT "ferry.import/1"
typedef struct ferry_import {
  uint32_t size;
  uint32_t reserved;
  ferry_status (*run)(ferry_instance *, const ferry_call *, ferry_str request_json, const ferry_package_reader *);
} ferry_import;

typedef struct ferry_connector {
  uint32_t size;
  uint32_t abi_minor; /* the lowest host minor that suffices */
  /* {"id":I, "version":V, ...}: static, and the same id and version as in the manifest. */
  ferry_str descriptor_json;
  /* [any] Makes an instance for one connection. config_json:
   *   {"connection":NAME, "url":URL, "stage":STAGE?, "settings":{as the manifest's schema allows}}
   * Precondition: *instance is NULL. On failure it stays NULL and fail was called. No network: that is check's part. */
  ferry_status (*create)(const ferry_host *, const ferry_call *, ferry_str config_json, ferry_instance **instance);
  /* [any] Precondition: no operation of the instance is running. */
  void (*destroy)(ferry_instance *);
  /* [any] A const table of the capability, or NULL. */
  const void *(*get_capability)(ferry_str id);
} ferry_connector;

/* The entry. [any] Returns the same static table each time. Does no work: no allocation, threads, files, output. */
#define FERRY_ENTRY_SYMBOL "ferry_connector_v1"
typedef const ferry_connector *(*ferry_entry)(void);
FERRY_EXPORT const ferry_connector *ferry_connector_v1(void);

#ifdef __cplusplus
}
#endif
#endif /* FERRY_CONNECTOR_H_ */
