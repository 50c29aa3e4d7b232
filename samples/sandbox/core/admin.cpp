#include "samples/sandbox/core/admin.hpp"

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

namespace {

json::Array faults_json(const Site& site) {
  json::Array list = json::array();
  for (const Faults& faults : site.faults().list()) list->add(json_of(faults));
  return list;
}

// One fault or a list of them.
std::vector<Faults> read_faults(const Request& request) {
  const json::Value value = json::parse(request.text());
  std::vector<Faults> faults;
  if (const json::Object one = json::as_object(value)) {
    faults.push_back(faults_of(one));
  } else if (value.type() == typeid(json::Array)) {
    for (const json::Value& each : json::elements(value)) faults.push_back(faults_of(json::as_object(each)));
  } else {
    throw BadRequest{"Faults are an object or a list of objects: ferry-sandbox --help explains them."};
  }
  return faults;
}

Answer refuse(int status, const std::string& message) {
  return json_answer(json::object({{"message", message}}), status);
}

}  // namespace

json::Array json_of(const std::vector<Playing>& environments) {
  json::Array list = json::array();
  for (const Playing& each : environments) {
    const Settings& settings = each.site->settings();
    list->add(json::object(
        {{"platform", settings.platform}, {"name", settings.name}, {"tenant", settings.tenant}, {"url", each.url}}));
  }
  return list;
}

Site* Admin::find(const std::string& platform, const std::string& name) const {
  for (const Playing& each : environments_) {
    if (each.site->settings().platform == platform && each.site->settings().name == name) return each.site.get();
  }
  return nullptr;
}

Answer Admin::answer(const Request& request) {
  const std::vector<std::string> segments = path_segments(request.path);
  const std::string& method = request.method;
  if (segments == std::vector<std::string>{"environments"} && method == "GET") {
    return json_answer(json_of(environments_));
  }
  if (segments.size() != 4 || segments[0] != "environments") {
    return refuse(404,
                  "The admin port knows /environments and /environments/{platform}/{name}/"
                  "{faults|counters|requests|reset}.");
  }
  Site* site = find(segments[1], segments[2]);
  if (!site) return refuse(404, "There is no environment " + segments[1] + "/" + segments[2] + ".");
  const std::string& what = segments[3];
  if (what == "faults" && (method == "GET" || method == "PUT" || method == "DELETE")) {
    if (method == "PUT") site->faults().set(read_faults(request));
    if (method == "DELETE") site->faults().set({});
    return json_answer(faults_json(*site));
  }
  if (what == "counters" && method == "GET") return json_answer(site->counters());
  if (what == "requests" && method == "GET") return json_answer(site->log().last());
  if (what == "reset" && method == "POST") {
    site->reset();
    return json_answer(site->counters());
  }
  return refuse(404,
                "The admin port takes GET, PUT and DELETE of faults, GET of counters and requests, POST of reset.");
}

}  // namespace sandbox
