#include "host/release/release_file.hpp"

#include <algorithm>
#include <set>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/config/yaml_members.hpp"
#include "host/connectors/json_values.hpp"
#include "host/promotion/promotion.hpp"
#include "host/runs/request_text.hpp"

namespace ferry::host {
namespace {

using Kind = YamlValue::Kind;

const std::vector<std::string> operations = {"check", "export", "import", "promote"};

bool is_step_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name.find_first_of("-._") != 0 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
             std::string::npos;
}

// The same text for the same meaning of a step, whatever its layout.
std::string canonical(const YamlValue& value) {
  switch (value.kind) {
    case Kind::nothing: return "~";
    case Kind::scalar: return (value.plain ? "" : "'") + std::to_string(value.text.size()) + ":" + value.text;
    case Kind::list: {
      std::string out = "[";
      for (const YamlValue& item : value.items) out += canonical(item) + ",";
      return out + "]";
    }
    case Kind::map: break;
  }
  std::vector<std::string> members;
  for (const YamlMember& one : value.members) members.push_back(one.name + "=" + canonical(one.value));
  std::sort(members.begin(), members.end());
  return "{" + join(members, ",") + "}";
}

class Reader : YamlMembers {
 public:
  explicit Reader(const std::filesystem::path& file) : YamlMembers(file) { release_.file = file; }

  Release read(const YamlValue& root) {
    if (root.kind == Kind::nothing)
      throw Failure(Fault::usage, "no_release", file().string() + " is empty; describe at least one step");
    expect(root, Kind::map, root.line, "");
    refuse_unknown(root, {"parallel", "steps"}, "");
    if (const YamlMember* one = root.find("parallel")) release_.parallel = whole_number(*one, "parallel", 1, 64);
    const YamlMember* steps = root.find("steps");
    if (steps == nullptr) bad_config(file(), 0, "steps", "missing; describe at least one step");
    expect(steps->value, Kind::map, steps->line, "steps");
    if (steps->value.members.empty()) fail(*steps, "steps", "is empty; describe at least one step");
    for (const YamlMember& one : steps->value.members) release_.steps.push_back(read_step(one));
    check_needs();
    return std::move(release_);
  }

 private:
  ReleaseStep read_step(const YamlMember& member) const {
    const std::string path = member_path("steps", printable(shortened(member.name, 70)));
    if (!is_step_name(member.name))
      fail(member, path, "is not a name for a step; use letters, digits, and inside it - _ and . (at most 64)");
    expect(member.value, Kind::map, member.line, path);
    std::vector<std::string> known = operations;
    known.push_back("needs");
    refuse_unknown(member.value, known, path);

    ReleaseStep step;
    step.name = member.name;
    step.line = member.line;
    const YamlMember* work = nullptr;
    for (const YamlMember& one : member.value.members) {
      if (one.name == "needs") continue;
      if (work != nullptr)
        fail(one, path, "is both " + work->name + " and " + one.name + "; a step does one thing: make it two steps");
      work = &one;
    }
    if (work == nullptr) fail(member, path, "does nothing; write one of " + join(operations, ", "));
    step.operation = work->name;
    read_work(*work, path + "." + work->name, step);
    if (const YamlMember* needs = member.value.find("needs")) {
      for (const std::string& need : texts(*needs, path + ".needs"))
        if (need != step.package_step) step.needs.push_back(need);
    }
    if (!step.package_step.empty()) step.needs.push_back(step.package_step);
    step.definition = step.operation + canonical(work->value);
    return step;
  }

  void read_work(const YamlMember& work, const std::string& path, ReleaseStep& step) const {
    if (step.operation == "check" && work.value.kind == Kind::scalar) {
      step.connection = text(work, path);
      return;
    }
    const YamlValue& map = work.value;
    expect(map, Kind::map, work.line, path);
    std::vector<std::string> known = {"connection"};
    if (step.operation == "promote") known = {"from", "to"};
    const auto also = [&](std::vector<std::string> more) { known.insert(known.end(), more.begin(), more.end()); };
    if (step.operation == "export") also({"output"});
    if (step.operation == "import") also({"package", "step"});
    if (step.operation == "export" || step.operation == "promote") also({"select", "dependencies"});
    if (step.operation != "check") also({"options"});
    if (step.changes()) also({"on_existing", "prune", "map", "backup", "force"});
    refuse_unknown(map, known, path);

    if (step.operation == "promote") {
      step.from = text(required(work, "from", path), path + ".from");
      step.connection = text(required(work, "to", path), path + ".to");
    } else {
      step.connection = text(required(work, "connection", path), path + ".connection");
    }
    if (const YamlMember* one = map.find("output")) step.output = absolute(text(*one, path + ".output"));
    if (step.operation == "import") read_package(work, path, step);
    if (const YamlMember* one = map.find("select"))
      for (const std::string& selected : texts(*one, path + ".select"))
        step.select.push_back(parse_selection(selected, at(*one, path + ".select")));
    if (const YamlMember* one = map.find("dependencies")) step.dependencies = boolean(*one, path + ".dependencies");
    if (const YamlMember* one = map.find("options")) {
      expect(one->value, Kind::map, one->line, path + ".options");
      std::map<std::string, int> lines;
      step.connector_options = json_text(to_json(one->value, file(), path, "options", lines));
    }
    step.options.policy.clear();
    if (const YamlMember* one = map.find("on_existing"))
      step.options.policy = word(*one, path + ".on_existing", "a policy", known_policies);
    if (const YamlMember* one = map.find("prune")) step.options.prune = boolean(*one, path + ".prune");
    if (const YamlMember* one = map.find("map"))
      for (const std::string& mapped : texts(*one, path + ".map"))
        step.options.mapping.push_back(parse_mapping(mapped, at(*one, path + ".map")));
    if (const YamlMember* one = map.find("backup")) step.backup = boolean(*one, path + ".backup");
    if (const YamlMember* one = map.find("force")) step.force = guards(*one, path + ".force");
  }

  std::vector<std::string> guards(const YamlMember& member, const std::string& path) const {
    const std::vector<std::string> known(promotion_guards.begin(), promotion_guards.end());
    std::vector<std::string> found = texts(member, path);
    for (std::size_t i = 0; i < found.size(); ++i)
      word({"", member.value.items[i].line, member.value.items[i]}, item_path(path, i), "a guard", known);
    return found;
  }

  void read_package(const YamlMember& work, const std::string& path, ReleaseStep& step) const {
    const YamlMember *package = work.value.find("package"), *from = work.value.find("step");
    if ((package == nullptr) == (from == nullptr))
      fail(work, path, "needs one of: package (a file, or sha256:PREFIX) and step (the export step it comes from)");
    if (from != nullptr) {
      step.package_step = text(*from, path + ".step");
    } else {
      step.package = text(*package, path + ".package");
      if (!names_kept_package(step.package)) step.package = absolute(step.package);
    }
  }

  std::string at(const YamlMember& member, const std::string& path) const {
    return file().string() + ":" + std::to_string(member.line) + ": " + path + ": ";
  }

  void check_needs() const {
    std::vector<std::string> names;
    for (const ReleaseStep& step : release_.steps) names.push_back(step.name);
    for (const ReleaseStep& step : release_.steps) {
      for (const std::string& need : step.needs)
        if (std::find(names.begin(), names.end(), need) == names.end())
          bad_config(file(), step.line, member_path("steps", step.name),
                     "needs the step \"" + need + "\", which is not there" + suggestion(need, names));
      if (!step.package_step.empty() && release_.step(step.package_step).operation != "export")
        bad_config(file(), step.line, member_path("steps", step.name),
                   "takes its package from the step \"" + step.package_step + "\", which is no export");
    }
    for (const ReleaseStep& step : release_.steps) {
      std::vector<std::string> way = {step.name};
      std::set<std::string> seen;
      if (reaches(step, step.name, seen, way))
        bad_config(file(), step.line, member_path("steps", step.name), "needs itself: " + join(way, " needs "));
    }
  }

  bool reaches(const ReleaseStep& from, const std::string& goal, std::set<std::string>& seen,
               std::vector<std::string>& way) const {
    for (const std::string& need : from.needs) {
      way.push_back(need);
      if (need == goal || (seen.insert(need).second && reaches(release_.step(need), goal, seen, way))) return true;
      way.pop_back();
    }
    return false;
  }

  Release release_;
};

}  // namespace

const ReleaseStep& Release::step(const std::string& name) const {
  std::vector<std::string> names;
  for (const ReleaseStep& one : steps) {
    if (one.name == name) return one;
    names.push_back(one.name);
  }
  throw Failure(Fault::usage, "unknown_step",
                file.string() + " has no step \"" + printable(name) + "\"" + suggestion(name, names));
}

Release parse_release(const std::string& text, const std::filesystem::path& file) {
  return Reader(file).read(parse_yaml(text, file));
}

Release load_release(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw Failure(Fault::usage, "no_release", "there is no release file " + file.string());
  if (std::filesystem::is_directory(file, error))
    throw Failure(Fault::usage, "no_release", file.string() + " is a directory; name the release file in it");
  return parse_release(read_file(file, 1u << 20), file);
}

}  // namespace ferry::host
