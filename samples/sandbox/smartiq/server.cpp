#include "samples/sandbox/smartiq/server.hpp"

#include <algorithm>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/smartiq/content.hpp"

namespace sandbox::smartiq {

namespace {

constexpr std::size_t pack_limit = std::size_t{1} << 30;

// inferred: which permission the sync needs. Its package fails where its user may not touch some part of it.
constexpr std::string_view sync_permission = "Management console";

Answer raw_json(std::string text, int status = 200) { return text_answer(std::move(text), "application/json", status); }

// An export as it is sent: the objects' own texts, one after the other.
struct PackText {
  Selection selection;
  std::vector<std::string> between;
};

Answer answer_of(Selection selection) {
  auto pack = std::make_shared<PackText>();
  pack->selection = std::move(selection);
  // inferred: a pack comes with the options of an import, as it is said to be ready to be imported.
  ObjectText options;
  for (const KindFacts& facts : kinds()) {
    if (facts.list != "dataObjects") options.text(facts.import_option, "Always");
  }
  pack->between.reserve(kind_count + 1);
  std::string before = "{\"options\":" + options.done();
  Answer answer;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    pack->between.push_back(before + "," + quoted(kinds()[kind].list) + ":[");
    answer.pieces.push_back(pack->between.back());
    bool first = true;
    for (const ItemPointer& item : pack->selection[kind]) {
      if (!first) answer.pieces.push_back(",");
      answer.pieces.push_back(item->text);
      first = false;
    }
    before = "]";
  }
  pack->between.push_back("]}");
  answer.pieces.push_back(pack->between.back());
  answer.owner = std::move(pack);
  return answer;
}

std::string summary_of(const std::vector<ItemResult>& results) {
  std::string list = "[";
  for (const ItemResult& result : results) {
    if (list.size() > 1) list += ',';
    list += ObjectText()
                .text("type", kinds()[result.kind].list)
                .text("id", result.id)
                .text("name", result.name)
                .text("result", name_of(result.outcome))
                .text("message", result.reason)
                .done();
  }
  return ObjectText().raw("results", list + "]").done();
}

std::size_t size_parameter(const Request& request, std::string_view name, std::size_t fallback) {
  const std::optional<std::string> given = request.parameter(name);
  if (!given) return fallback;
  if (given->empty() || given->size() > 9 || given->find_first_not_of("0123456789") != std::string::npos) {
    throw BadRequest{std::string(name) + " must be a number."};
  }
  return std::stoull(*given);
}

// inferred: a list tells what an object is, not what is in it.
std::string listed(const Item& item) {
  ObjectText object;
  for (const auto& [name, value] : Slice::parse(item.text).members()) {
    if (name != "definition" && name != "documents" && name != "binary" && name != "schema" && name != "defaultData") {
      object.raw(name, value.raw());
    }
  }
  return object.done();
}

std::vector<std::string> below_admin(const Request& request) {
  std::vector<std::string> path = path_segments(request.path);
  for (std::string& segment : path) segment = lower(segment);
  if (!path.empty() && path.front() == "manage") path.erase(path.begin());
  if (path.size() < 3 || path[0] != "api" || path[1] != "v1" || path[2] != "admin") return {};
  path.erase(path.begin(), path.begin() + 3);
  return path;
}

Answer not_found(const Request& request) { return problem(404, "There is nothing at " + request.path + "."); }

Answer not_allowed(const Request& request) {
  return problem(405, "The method " + request.method + " is not allowed here.");
}

// inferred: the frame of a list. Known is that "@nextLink" comes with $skip and $top.
Answer list_answer(const Request& request, const std::vector<ItemPointer>& items) {
  const std::size_t skip = std::min(size_parameter(request, "$skip", 0), items.size());
  const std::size_t top = size_parameter(request, "$top", items.size());
  const std::size_t end = std::min(items.size(), skip + top);
  std::string list = "[";
  for (std::size_t i = skip; i < end; ++i) list += (i > skip ? "," : "") + listed(*items[i]);
  ObjectText object;
  object.raw("value", list + "]");
  if (end < items.size() && top > 0) {
    object.text("@nextLink",
                request.origin + request.path + "?$skip=" + std::to_string(end) + "&$top=" + std::to_string(top));
  }
  return raw_json(object.done());
}

std::vector<ItemPointer> users_of_group(const Store& store, const std::string& group) {
  std::vector<ItemPointer> found;
  for (const ItemPointer& user : store[users].items()) {
    if (std::find(user->groups.begin(), user->groups.end(), group) != user->groups.end()) found.push_back(user);
  }
  return found;
}

std::vector<ItemPointer> objects_of_source(const Store& store, const std::string& source) {
  std::vector<ItemPointer> found;
  for (const ItemPointer& object : store[data_objects].items()) {
    if (!object->refers_to.empty() && object->refers_to.front() == source) found.push_back(object);
  }
  return found;
}

}  // namespace

Server::Server(const Settings& settings)
    : settings_(settings), store_(std::make_shared<const Store>(make_content(settings))), accounts_(settings_) {
  for (const char* counter :
       {"logins", "exports", "imports_applied", "imports_failed", "objects_added", "objects_updated",
        "objects_unchanged", "objects_kept", "conflicts", "objects_skipped", "objects_failed", "denied"}) {
    counters_[counter] = 0;
  }
}

std::shared_ptr<const Store> Server::store() const {
  const std::lock_guard lock(mutex_);
  return store_;
}

void Server::replace(Store store) {
  auto next = std::make_shared<const Store>(std::move(store));
  const std::lock_guard lock(mutex_);
  store_ = std::move(next);
}

std::string Server::option(const std::string& name) const {
  const auto found = settings_.options.find(name);
  return found == settings_.options.end() ? "" : found->second;
}

Answer Server::answer(const Request& request) {
  const std::vector<std::string> path = below_admin(request);
  if (path.empty()) return not_found(request);
  if (path.front() == "login" || path.front() == "logoff") return sessions(request, path);
  const bool is_sync = path.size() == 3 && path[0] == "projects" && path[1] == "sync";
  {
    const std::lock_guard lock(mutex_);
    const bool changes = request.method != "GET";
    if (auto refused = accounts_.refuses(*store_, request, is_sync || changes ? sync_permission : "")) {
      ++counters_["denied"];
      return *refused;
    }
  }
  if (!is_sync) {
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
      if (path[0] == kinds()[kind].collection) return collection(request, static_cast<Kind>(kind), path);
    }
    return not_found(request);
  }
  if (path[2] != "export" && path[2] != "import") return not_found(request);
  if (request.method != "POST") return not_allowed(request);
  return path[2] == "export" ? export_pack(request) : import_pack(request);
}

Answer Server::sessions(const Request& request, const std::vector<std::string>& path) {
  if (request.method != "POST") return not_allowed(request);
  if (path.size() == 1 && path[0] == "logoff") {
    const std::lock_guard lock(mutex_);
    if (auto refused = accounts_.refuses(*store_, request, "")) return *refused;
    accounts_.log_off(request);
    return empty_answer();  // inferred: an answer without a body
  }
  if (path.size() == 2 && path[1] == "forms") {
    const std::string body = request.text(64u << 10);
    const std::lock_guard lock(mutex_);
    Answer answer = accounts_.log_in(*store_, body);
    ++counters_[answer.status == 200 ? "logins" : "denied"];
    return answer;
  }
  // inferred: a server of this configuration has no other way in.
  return problem(401, "This server takes forms authentication only.");
}

Answer Server::export_pack(const Request& request) {
  const std::string body = request.text();
  try {
    Selection selection = select_for_export(*store(), Slice::parse(body));
    const std::lock_guard lock(mutex_);
    ++counters_["exports"];
    return answer_of(std::move(selection));
  } catch (const UnknownProject& unknown) {
    return problem(404, "There is no project " + unknown.id + ".");
  }
}

Answer Server::import_pack(const Request& request) {
  const std::string body = request.text(pack_limit);
  const Slice pack = Slice::parse(body);
  const std::lock_guard one_at_a_time(change_mutex_);
  Store store = *this->store();
  FaultBox* faults = settings_.faults;
  ImportRules rules;
  if (faults) {
    rules.fails = [&](const Item& item) { return faults->fails(item.id) || faults->fails(item.name); };
    rules.skips = [&](const Item& item) { return faults->skips(item.id) || faults->skips(item.name); };
  }
  std::vector<ItemResult> results = smartiq::import_pack(store, pack, rules);
  const std::string job = faults ? faults->take_job() : "";

  if (option("conflict") == "refuse") {
    for (const ItemResult& result : results) {
      if (result.outcome != Outcome::conflict) continue;
      const std::lock_guard lock(mutex_);
      ++counters_["imports_failed"];
      return problem(
          409, std::string(kinds()[result.kind].list) + " '" + result.name + "' (" + result.id + "): " + result.reason);
    }
  }
  const bool partial = job == "partial", failed = job == "fail" || partial;
  if (partial) {
    store = *this->store();
    rules.stop_after = results.size() / 2;
    results = smartiq::import_pack(store, pack, rules);
  }
  if (!failed || partial) replace(std::move(store));
  {
    const std::lock_guard lock(mutex_);
    ++counters_[failed ? "imports_failed" : "imports_applied"];
    if (!failed || partial) count(results);
  }
  if (failed) return problem(500, "The import failed.");
  // inferred: the reference says nothing of the answer; the samples look at its status alone.
  return option("import_answer") == "summary" ? raw_json(summary_of(results)) : empty_answer();
}

void Server::count(const std::vector<ItemResult>& results) {
  for (const ItemResult& result : results) {
    const std::string name(name_of(result.outcome));
    ++counters_[result.outcome == Outcome::conflict ? "conflicts" : "objects_" + name];
  }
}

Answer Server::collection(const Request& request, Kind kind, const std::vector<std::string>& path) {
  const std::shared_ptr<const Store> store = this->store();
  const Shelf& shelf = (*store)[kind];
  if (path.size() == 1) {
    if (request.method == "GET") return list_answer(request, shelf.items());
    return request.method == "POST" ? create(request, kind) : not_allowed(request);
  }
  const bool by_user_name = kind == users && path.size() == 3 && path[1] == "name";
  const ItemPointer item = by_user_name ? shelf.by_name(path[2]) : shelf.by_id(path[1]);
  if (!item) return not_found(request);
  if (path.size() == 2 || by_user_name) return object(request, kind, item);
  if (path.size() > 3 || request.method != "GET") return not_found(request);
  if (kind == groups && path[2] == "users") return list_answer(request, users_of_group(*store, item->name));
  if (kind == data_sources && path[2] == "dataobjects") {
    return list_answer(request, objects_of_source(*store, item->id));
  }
  return not_found(request);
}

Answer Server::object(const Request& request, Kind kind, const ItemPointer& item) {
  if (request.method == "GET") return raw_json(item->text);
  if (request.method != "DELETE" && request.method != "PATCH") return not_allowed(request);
  const std::string body = request.method == "PATCH" ? request.text() : "{}";
  const std::lock_guard one_at_a_time(change_mutex_);
  Store store = *this->store();
  const ItemPointer present = store[kind].by_id(item->id);
  if (!present) return not_found(request);
  if (request.method == "DELETE") {
    store[kind].remove(item->id);
  } else {
    std::string text = present->text;
    for (const auto& [name, value] : Slice::parse(body).members()) {
      if (!same_text(name, "id") && !same_text(name, "password")) text = with_member(text, name, value.raw());
    }
    store[kind].put(make_item(kind, text));
  }
  replace(std::move(store));
  return empty_answer();  // inferred: an answer without a body
}

Answer Server::create(const Request& request, Kind kind) {
  // inferred: projects come in as packages only, and the form of those is not known.
  if (kind == projects) return problem(400, "The ixpkg is not a package of projects.");
  const std::string body = request.text();
  const Slice given = Slice::parse(body);
  if (!given.is(Slice::Type::object)) return problem(400, "The body must be an object.");
  const std::lock_guard one_at_a_time(change_mutex_);
  Store store = *this->store();
  std::string id;
  do id = uuid_of(settings_.seed, settings_.name + " created " + std::to_string(++created_));
  while (store[kind].by_id(id));
  ObjectText object;
  object.text("id", id);
  for (const auto& [name, value] : given.members()) {
    if (!same_text(name, "id") && !same_text(name, "password")) object.raw(name, value.raw());
  }
  const ItemPointer item = make_item(kind, object.done());
  if (!item->name.empty() && store[kind].by_name(item->name)) {
    return problem(409, "'" + item->name + "' exists.");  // inferred
  }
  store[kind].put(item);
  replace(std::move(store));
  Answer answer = empty_answer(201);
  answer.headers.emplace_back("Location", request.origin + request.path + "/" + id);
  return answer;
}

std::string Server::state() const {
  const std::lock_guard lock(mutex_);
  ObjectText lists;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    std::string list = "[";
    for (const ItemPointer& item : (*store_)[kind].items()) list += (list.size() > 1 ? "," : "") + item->text;
    lists.raw(kinds()[kind].list, list + "]");
  }
  json::Object counters = json::object();
  for (const auto& [name, value] : counters_) counters->set(name, value);
  return ObjectText()
      .raw("lists", lists.done())
      .raw("accounts", json::text(accounts_.state()))
      .raw("counters", json::text(counters))
      .done();
}

void Server::restore(std::string_view state) {
  const Slice whole = Slice::parse(state);
  const std::optional<Slice> lists = whole.member("lists"), accounts = whole.member("accounts");
  const std::optional<Slice> counters = whole.member("counters");
  if (!lists || !accounts || !counters) throw BadRequest{"It is not a SmartIQ environment."};
  Store store;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const std::optional<Slice> list = lists->member(kinds()[kind].list);
    for (const Slice& each : list ? list->elements() : std::vector<Slice>()) {
      store[kind].put(make_item(static_cast<Kind>(kind), each.raw()));
    }
  }
  const std::lock_guard lock(mutex_);
  store_ = std::make_shared<const Store>(std::move(store));
  accounts_.restore(json::parse_object(accounts->raw()));
  const json::Object counted = json::parse_object(counters->raw());
  for (const std::string& name : counted->getNames()) counters_[name] = json::integer(counted, name);
}

std::map<std::string, std::int64_t> Server::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace sandbox::smartiq

namespace sandbox {

std::unique_ptr<Environment> make_smartiq(const Settings& settings) {
  return std::make_unique<smartiq::Server>(settings);
}

}  // namespace sandbox
