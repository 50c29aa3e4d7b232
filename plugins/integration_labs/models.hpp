// The data models of Integration Labs: where their records are read, and what is known of their members.
//
// Names, paths and members are those of the platform's published v3 client; that the value of a member may be null, and
// that ids may be numbers or texts, is inferred from its samples. A model without a path is only found inside the
// records of others.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ferry/json.hpp"

namespace ferry::integration_labs {

struct Model {
  std::string_view name;     // INVOICES; also the name of the stream
  std::string_view path;     // accounting/invoices, below the API's root; "": not read by itself
  std::string_view members;  // "name:kind ...", beside those that every record has

  bool readable() const noexcept { return !path.empty(); }
};

std::span<const Model> models();
const Model* find_model(std::string_view name);  // nullptr: unknown

// The JSON Schema of a record.
Json schema_of(const Model&);
// INVOICE_CREDIT_NOTES as a person says it: "Invoice credit notes".
std::string title_of(std::string_view name);
// The names that are nearest to one that is unknown, for messages: "INVOICES, INVOICE_PAYMENTS".
std::string nearest_names(std::string_view name);

}  // namespace ferry::integration_labs
