#include <set>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/smartiq/sync.hpp"

namespace sandbox::smartiq {

namespace {

struct Options {
  bool projects = true, project_fragments = true, data_sources = true, connection_strings = true, default_data = true,
       publish_folders = true, groups = true, users = true, custom_fields = true, connector_settings = true,
       roles = true;
};

Options read_options(const Slice& request) {
  Options options;
  const std::optional<Slice> given = request.member("options");
  if (!given) return options;
  const std::pair<std::string_view, bool*> known[] = {{"projects", &options.projects},
                                                      {"projectFragments", &options.project_fragments},
                                                      {"dataSources", &options.data_sources},
                                                      {"connectionStrings", &options.connection_strings},
                                                      {"defaultData", &options.default_data},
                                                      {"publishFolders", &options.publish_folders},
                                                      {"groups", &options.groups},
                                                      {"users", &options.users},
                                                      {"customFields", &options.custom_fields},
                                                      {"connectorSettings", &options.connector_settings},
                                                      {"roles", &options.roles}};
  for (const auto& [name, value] : given->members()) {
    for (const auto& [known_name, target] : known) {
      if (!same_text(name, known_name)) continue;
      if (!value.is(Slice::Type::boolean)) throw BadRequest{"The option '" + name + "' must be true or false."};
      *target = value.is_true();
    }
    // inferred: an unknown option is passed over; the vendor's own sample sends "defaultData " with a blank behind it.
  }
  return options;
}

class Collector {
 public:
  Collector(const Store& store, const Options& options) : store_(store), options_(options) {}

  void project(const ItemPointer& item, bool included) {
    if (!seen_.insert(item->id).second) return;
    if (included) selection_[projects].push_back(item);
    for (const std::string& id : item->refers_to) reference(id);
    if (options_.publish_folders && !item->fragment) published(item->id);
  }

  Selection finish() {
    // Roles of groups and users come after all groups and users are known.
    if (options_.users) {
      for (const ItemPointer& user : store_[users].items()) {
        bool used = wanted_users_.count(user->id) > 0;
        for (const std::string& group : user->groups) used = used || wanted_groups_.count(group) > 0;
        if (used) add(users, user);
      }
    }
    for (const std::string& name : wanted_groups_) {
      const ItemPointer group = store_[groups].by_name(name);
      if (group && options_.groups) add(groups, group);
    }
    if (options_.roles) {
      for (const Kind kind : {groups, users}) {
        for (const ItemPointer& item : selection_[kind]) {
          for (const std::string& name : item->roles) {
            if (const ItemPointer role = store_[roles].by_name(name)) add(roles, role);
          }
        }
      }
    }
    if (options_.custom_fields) selection_[custom_fields] = store_[custom_fields].items();
    if (options_.connector_settings) selection_[connector_settings] = store_[connector_settings].items();
    return std::move(selection_);
  }

 private:
  void add(Kind kind, const ItemPointer& item) {
    if (seen_.insert(item->id).second) selection_[kind].push_back(item);
  }

  void reference(const std::string& id) {
    if (const ItemPointer used = store_[projects].by_id(id); used && used->fragment) {
      project(used, options_.project_fragments);
    } else if (const ItemPointer object = store_[data_objects].by_id(id)) {
      for (const std::string& source : object->refers_to) data_source(store_[data_sources].by_id(source));
    } else if (const ItemPointer source = store_[data_sources].by_id(id)) {
      data_source(source);
    } else if (const ItemPointer content = store_[content_library_items].by_id(id)) {
      add(content_library_items, content);
      if (const ItemPointer folder = store_[content_folders].by_name(content->folder)) {
        add(content_folders, folder);
        wanted_groups_.insert(folder->groups.begin(), folder->groups.end());
      }
    } else if (const ItemPointer group = store_[groups].by_id(id)) {
      wanted_groups_.insert(group->name);
    } else if (store_[users].by_id(id)) {
      wanted_users_.insert(id);
    }
  }

  void data_source(const ItemPointer& source) {
    if (!source || !options_.data_sources || !seen_.insert(source->id).second) return;
    // inferred: what is left out is blank, not absent; allowConnectionExport and exportDefaultData say the same of a
    // single data source.
    std::string text = source->text;
    const Slice slice = Slice::parse(text);
    const auto forbidden = [&](std::string_view flag) {
      const std::optional<Slice> value = slice.member(flag);
      return value && value->raw() == "false";
    };
    const bool blank_connection = !options_.connection_strings || forbidden("allowConnectionExport");
    const bool blank_data = !options_.default_data || forbidden("exportDefaultData");
    if (blank_connection) text = with_member(text, "connectionString", "\"\"");
    if (blank_data) text = with_member(text, "defaultData", "\"\"");
    selection_[data_sources].push_back(text == source->text ? source : make_item(data_sources, text));
    for (const ItemPointer& object : store_[data_objects].items()) {
      if (!object->refers_to.empty() && object->refers_to.front() == source->id) add(data_objects, object);
    }
  }

  void published(const std::string& project_id) {
    for (const ItemPointer& item : store_[published_projects].items()) {
      bool of_project = false;
      for (const std::string& id : item->refers_to) of_project = of_project || id == project_id;
      if (!of_project) continue;
      add(published_projects, item);
      for (const std::string& id : item->refers_to) {
        if (const ItemPointer folder = store_[publish_folders].by_id(id)) {
          add(publish_folders, folder);
          // inferred: groups that only a publish folder uses come with it, and stay away with it.
          wanted_groups_.insert(folder->groups.begin(), folder->groups.end());
        }
      }
    }
  }

  const Store& store_;
  const Options& options_;
  Selection selection_;
  std::set<std::string> seen_;
  std::set<std::string> wanted_groups_;  // names
  std::set<std::string> wanted_users_;   // ids
};

}  // namespace

Selection select_for_export(const Store& store, const Slice& request) {
  if (!request.is(Slice::Type::object)) throw BadRequest{"The request must be an object."};
  const Options options = read_options(request);
  Collector collector(store, options);
  const std::optional<Slice> wanted = request.member("projects");
  if (wanted && !wanted->is(Slice::Type::array)) throw BadRequest{"'projects' must be a list of objects with an id."};
  // inferred: without a project only what does not depend on projects is exported.
  for (const Slice& each : wanted ? wanted->elements() : std::vector<Slice>()) {
    const std::optional<Slice> id = each.member("id");
    if (!id || !id->is(Slice::Type::string)) throw BadRequest{"'projects' must be a list of objects with an id."};
    const ItemPointer project = store[projects].by_id(lower(id->string()));
    if (!project) throw UnknownProject{id->string()};
    // inferred: projects that are not to be in the pack still say what else is.
    collector.project(project, options.projects);
  }
  return collector.finish();
}

}  // namespace sandbox::smartiq
