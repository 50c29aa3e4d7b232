// What a SmartIQ server holds: one shelf per list of the sync pack, its objects as the text they came in.
//
// Items never change once made; a Store is a set of pointers to them, so that copying one is cheap and an import works
// on a copy that takes the place of the old store whole. Threads: values. Failures: BadRequest for an object without
// what its kind needs.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "samples/sandbox/smartiq/json_text.hpp"

namespace sandbox::smartiq {

// In the order of the pack.
enum Kind : std::size_t {
  projects,
  content_library_items,
  data_sources,
  data_objects,
  content_folders,
  published_projects,
  publish_folders,
  users,
  groups,
  roles,
  custom_fields,
  connector_settings,
  kind_count
};

enum class Identity {
  id_and_name,  // both have to agree
  id,           // has no name of its own
  name          // referred to by name, whatever its id
};

struct KindFacts {
  std::string_view list;         // in the pack
  std::string_view collection;   // in the path of the admin API
  std::string_view name_member;  // "" if it has none
  Identity identity;
  std::string_view import_option;
  bool if_newer;  // besides Always and IfNotExists
};
const std::array<KindFacts, kind_count>& kinds();
// What others refer to comes first.
const std::array<Kind, kind_count>& import_order();

struct Item {
  std::string id;    // lower case
  std::string name;  // "" if its kind has none
  std::string modified;
  std::vector<std::string> refers_to;      // ids found in it: data objects, fragments, folders, users ...
  std::vector<std::string> groups, roles;  // by name
  std::string folder;                      // by name; content library items
  bool fragment = false;
  std::string text;
};
using ItemPointer = std::shared_ptr<const Item>;

ItemPointer make_item(Kind, std::string_view object);

class Shelf {
 public:
  const std::vector<ItemPointer>& items() const { return items_; }
  ItemPointer by_id(std::string_view id) const;  // null if there is none
  ItemPointer by_name(std::string_view name) const;
  void put(ItemPointer);  // in the place of the item with its id, or at the end
  bool remove(std::string_view id);

 private:
  std::vector<ItemPointer> items_;
  std::map<std::string, std::size_t, std::less<>> place_of_id_, place_of_name_;
};

using Store = std::array<Shelf, kind_count>;

}  // namespace sandbox::smartiq
