#include "inventory.hpp"

#include "contents.hpp"
#include "export.hpp"
#include "jobs.hpp"

namespace ferry::spark {

void read_inventory(Host host, const Call& call, const ReadRequest& request, Options options, Session& session,
                    Sink sink) {
  for (const StreamRequest& stream : request.streams) {
    if (stream.stream != service_type && stream.stream != version_type)
      throw Error(FERRY_BAD_CONFIG, "the stream \"" + stream.stream + "\" is unknown; Spark has service and " +
                                        std::string(version_type));
    if (stream.mode != "full") throw Error(FERRY_UNSUPPORTED, stream.stream + " can only be read in full");
  }
  if (options.folders.empty())
    throw Error(FERRY_BAD_CONFIG,
                "reading what the tenant has: Spark lists nothing by itself; name the folders to look into in "
                "settings.folders");
  options.version_filter = "all";
  Jobs jobs(host, call, session, JobKind::exporting, options.patience);
  const std::string correlation = std::string(call.operation_id()) + "-read";
  const Job job = jobs.follow(jobs.start({.method = "POST",
                                          .url = "/api/v4/export",
                                          .headers = {{"Content-Type", "application/json"}},
                                          .body = export_body({}, options, correlation).dump()},
                                         correlation));
  if (const std::string why = job.failure(); !why.empty())
    throw Error(FERRY_REMOTE, "reading what " + session.address().base + " has: " + why);

  const std::vector<Artefact> artefacts = Contents::of_outputs(job.outputs).artefacts();
  for (const StreamRequest& stream : request.streams) {
    Records records = sink.records(stream.stream);
    std::uint64_t count = 0;
    for (const Artefact& artefact : artefacts)
      if (artefact.type == stream.stream) {
        records.add(to_json(artefact));
        ++count;
      }
    records.flush();
    if (count > 0) call.item({.type = stream.stream, .outcome = outcome::read, .count = count});
  }
}

}  // namespace ferry::spark
