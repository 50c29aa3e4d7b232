// An export: what is selected, the job, the download of its file.
#pragma once

#include "contents.hpp"
#include "ferry/sdk.hpp"
#include "jobs.hpp"
#include "options.hpp"
#include "session.hpp"

namespace ferry::spark {

// The body of POST export. Selectors: folder=F, service=F/S, service=F/S[V], service=UUID, service_version=UUID or
// F/S[V]; none: the folders of the settings. Throws Error(FERRY_BAD_CONFIG) for what the platform could not understand.
Json export_body(const ExportRequest& request, const Options& options, std::string_view correlation_id);

void export_package(Host host, const Call& call, const ExportRequest& request, const Options& options, Session& session,
                    const PackageWriter& writer);

}  // namespace ferry::spark
