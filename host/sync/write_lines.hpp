// A sync whose destination is a pipe or a file of JSON lines: every record as the connector delivered it, and every
// checkpoint after the records it covers.
//
//   {"model":"INVOICES","record":{...}}
//   {"model":"INVOICES","checkpoint":{...}}
//
// Nothing is compared and no state is kept: each sync reads everything, or from the date that is asked for, and counts
// what was delivered. To a file lines are appended, batch by batch, each of them whole or not at all, also with several
// writers. Failures as of sync(); (cancelled, reader_gone) when nobody reads the pipe any more.
#pragma once

#include "host/sync/sync.hpp"

namespace ferry::host {

// standard_output: the descriptor that the destination "-" means.
SyncReport write_lines(Runner&, const DestinationConfig&, int standard_output, const SyncRequest&, const Cancellation&);

}  // namespace ferry::host
