#include "samples/sandbox/core/help.hpp"

namespace sandbox {

std::string help_text() {
  return R"(ferry-sandbox plays four platforms over HTTP, each with several environments, from made-up content.

usage: ferry-sandbox [options]

  --host NAME             where to listen (127.0.0.1)
  --port N                the admin port; the environments take the ports after it, platform by platform in the order
                          below (8800). 0: free ports, to be read from the ready or environment file
  --platforms LIST        of spark, smartiq, dev2prod, integration_labs (all)
  --environments LIST     names, in the order of promotion (dev,test,prod)
  --seed N                all content follows from it (1)
  --state DIR             keep each environment's state there, and begin from it
  --config FILE           JSON, e.g. {"spark": {"*": {"options": {"job_ms": 50}},
                          "dev": {"options": {"package_bytes": 1000000}, "faults": [{"status": 503, "count": 2}]}}}
  --option P.E.NAME=VALUE one option of one environment, or of all with "*": "spark.*.job_ms=50"
  --tls                   HTTPS, with a certificate made at the start
  --certificate FILE      where that certificate is written, for clients to trust (ferry-sandbox.pem)
  --ready-file FILE       JSON with every URL, written when all ports accept: {"pid", "admin", "environments":
                          [{"platform", "name", "tenant", "url"}], "certificate"}
  --env-file FILE         the same for sh: ADMIN_URL='...', SPARK_DEV_URL='...', SPARK_DEV_TENANT='...', ...
  --until-stdin-closes    end also when standard input does
  --help                  this text

It ends on SIGTERM and SIGINT.

ACCOUNTS, the same in every environment
  spark             client credentials ferry / sandbox; supervisor / sandbox (supervisor:pf: sees all jobs, and the
                    folder "restricted"); API key sandbox-key, with x-tenant-name
  smartiq           admin / sandbox
  dev2prod          admin / sandbox (tenant admin), agent / sandbox (any other user)
  integration_labs  api_key sandbox

URLS, for the environment dev and the default ports
  admin             http://127.0.0.1:8800
  spark             http://127.0.0.1:8801/dev         tenant dev; token: /auth/realms/dev/protocol/openid-connect/token
  smartiq           http://127.0.0.1:8804
  dev2prod          http://127.0.0.1:8807             tenant 123456789, the next environments 123456790, 123456791, ...
  integration_labs  http://127.0.0.1:8810/v3
  Any port of Spark or Dev2Prod serves the other tenants of its platform too.

OPTIONS of spark
  job_ms            how long an export or import takes (200)
  content           all: eleven services in the folders claims, drafts (not compiled, so that their export fails),
                    myproduct, pricing, rates and restricted, beside the empty folders archive, large and newproduct;
                    earlier: some of the services, as they once were; folders: only the folders. (dev: all, test:
                    earlier, others: folders)
  package_bytes     adds the service large/package where the content is all; its export is at most so large and at
                    least that less 16 KiB (0: there is none)
  size_limit        the largest package an import takes, in bytes (209715200)
  token_seconds     how long a token is good (7200)
  url_seconds       how long a download URL is good (900)
)"
         R"(
OPTIONS of smartiq and dev2prod, about what is there at the start
  clone_of          the environment whose ids and names these are, or none for content of its own (dev)
  clone             false: content of its own
  revision          1: with the work done in that environment since it was cloned; 0: without (dev: 1, its clones: 0,
                    content of its own: 1)
  password          of every account (sandbox)

OPTIONS of smartiq
  projects          how many (6)
  document_bytes    of each project's document (2048)
  conflicts         so many projects have the name of the source's, but ids of their own (0)
  renamed           so many have the id of the source's, but another name (0)
  edited            so many were changed here, later than at the source (0)
  conflict          what an import does with objects that disagree in id or name: skip leaves them as they are and
                    imports the rest, refuse answers 409 and imports nothing (skip)
  import_answer     none: 204; summary: 200 and what became of each object (none)
  Other accounts are viewer (no rights), designer, claims-clerk and underwriter.

OPTIONS of dev2prod
  job_ms            how long an export or import takes (200); export_ms and import_ms say it of one of them
  package_bytes     added to every package (0)
  user_agent        required: an upload's User-Agent begins with Apache-HttpClient/, as documented; any (required)
  token_ms          how long a token is good (1800000)
  object_ids        a,b,c: the first ids of jobs, uploads and package managers, in the order they are made
  file_ids          the same for files
  server_name       what ProcessingServerName says (company-server)
  Packages are 54320 (everything), 54321 (352 items, the documents' export), 54322 (326 changes, their import) and 54323
  (a few items, two of them new since the clone).

OPTIONS of integration_labs
  records           of each data model (300); records.MODEL of one
  companies         how many (2)
  enabled           data models, by comma (those of accounting)
  shape             of a record: full, or lean (full)
  job_ms            how long a job takes (50); sleep_ms how long it sleeps for the platform, after sleep_after_jobs (0)
  rate_limit        requests in rate_window_ms (0: no limit; 60000); rate_limit_headers tells what is left (false)
  api_key           the key that may everything (sandbox)
  More stand at the head of samples/sandbox/integration_labs/labs.hpp.

FAULTS of an environment: an object or a list of objects, in --config or over the admin port. All members are optional.
  match               only requests whose "METHOD /path" contains this text ("" matches all)
  after               not the first so many of those requests (0)
  count               so many times, then no more (-1: without end); counted for requests and for jobs
  latency_ms          waits before anything is done, or with applied_first before the answer
  status              answers this HTTP status instead: 429, 500, 503 ...
  retry_after         with it the header Retry-After: seconds ("2", "0.5"), an HTTP date, or "date" for one two seconds ahead
  retry_after_header  the name of that header, e.g. "x-retry-after"
  applied_first       the platform does the work all the same: only its answer is lost, or late
  drop                closes the connection without an answer
  truncate_at         closes it after so many bytes of the body
  bytes_per_second    sends the body no faster
  content_type        names another content type in the answer
  expire_tokens       once: every token given out so far is refused from now on
  job                 jobs that begin now "fail", "hang" or end "partial"ly
  fail_items          names or ids of items that fail
  skip_items          names or ids of items that are left out
  Of a list, the first that matches decides status, drop and truncate_at; delays and content types add up. So
  [{"status": 429, "count": 2}, {"status": 503, "count": 1}] is 429, 429, 503, and then all is well.

ADMIN
  GET    /environments                               what is played, and where
  GET    /environments/{platform}/{name}/faults      what is left of the faults
  PUT    /environments/{platform}/{name}/faults      an object or a list; replaces what was there
  DELETE /environments/{platform}/{name}/faults
  GET    /environments/{platform}/{name}/counters    imports_applied, jobs_running ..., and "requests" by kind
  GET    /environments/{platform}/{name}/requests    the last 500, oldest first; status 0 was dropped
  POST   /environments/{platform}/{name}/reset       as at the first start
)";
}

}  // namespace sandbox
