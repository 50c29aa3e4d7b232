// The kinds of objects in a sync pack, and how each is named there.
#pragma once

#include <span>
#include <string_view>

namespace ferry::smartiq {

struct Kind {
  std::string_view type;           // project
  std::string_view member;         // projects: the list in the pack
  std::string_view title;          // for people
  std::string_view name;           // the member that names it; "": none of its own
  std::string_view import_option;  // of the import's options
  enum class Identity { id_and_name, id, name } identity = Identity::id_and_name;
  bool dated = false;  // knows IfNewer
};

// In the order of the pack.
std::span<const Kind> kinds();
const Kind* kind_of_type(std::string_view type);
const Kind* kind_of_member(std::string_view member);

}  // namespace ferry::smartiq
