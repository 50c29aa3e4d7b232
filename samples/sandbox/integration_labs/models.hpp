// The platform's 62 data models: how they are called, where their records are
// read, and of which members they consist.
//
// The names and paths are those of the platform's published client; models
// without a path are only found inside the records of others (line items,
// addresses).
#pragma once

#include <string_view>
#include <vector>

namespace sandbox::integration_labs {

struct Model {
  std::string_view name;      // INVOICES
  std::string_view category;  // ACCOUNTING
  std::string_view path;      // accounting/invoices; "": not read by itself
  std::string_view prefix;    // of platform ids
  std::string_view members;   // "name:kind ..." beside those every record has;
                              // the kinds stand in records.hpp
};

const std::vector<Model>& models();
// nullptr: there is none.
const Model* find_model(std::string_view name);
const Model* find_model_at(std::string_view path);

}  // namespace sandbox::integration_labs
