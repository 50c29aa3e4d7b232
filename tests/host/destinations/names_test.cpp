#include "host/destinations/names.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

TEST(Names, AreMadeSafe) {
  const std::pair<std::string, std::string> cases[] = {{"INVOICES", "invoices"},
                                                       {"Invoice-Id", "invoice_id"},
                                                       {"2023 sales", "_2023_sales"},
                                                       {"", "_"},
                                                       {"Größe", "gr__e"},
                                                       {"a\"; drop table b", "a___drop_table_b"},
                                                       {"order", "order"},
                                                       {std::string(80, 'x'), std::string(63, 'x')}};
  for (const auto& [name, safe] : cases) EXPECT_EQ(safe_name(name, {}, 63), safe) << name;
}

TEST(Names, WhatIsTakenIsNumbered) {
  EXPECT_EQ(safe_name("A-B", {"a_b"}, 63), "a_b_2");
  EXPECT_EQ(safe_name("A-B", {"a_b", "a_b_2"}, 63), "a_b_3");
  const std::string full(63, 'x');
  EXPECT_EQ(safe_name(full, {full}, 63), std::string(61, 'x') + "_2");
}

}  // namespace
}  // namespace ferry::host
