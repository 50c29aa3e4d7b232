// Someone with an SQL prompt drops what is ferry's.
#include "tests/host/destinations/conformance.hpp"

namespace ferry::host {
namespace {

const std::string row_a = R"({"id":"a","number":1})", row_b = R"({"id":"b","number":2})",
                  row_c = R"({"id":"c","number":3})";

}  // namespace

TEST_P(Conformance, ATableThatSomeoneDroppedHasNothingToGoOnFrom) {
  sync("r1", {row_a, row_b}, {.kind = ReadKind::full, .checkpoint = R"({"at":1})"});
  EXPECT_FALSE(state().table_gone);
  place_->drop_table(state().table);
  const ModelState gone = state();
  EXPECT_TRUE(gone.table_gone);
  EXPECT_EQ(gone.checkpoint, "");
  EXPECT_EQ(gone.rows, 0u);
  EXPECT_FALSE(gone.last_full_at);
  int visited = 0;
  destination_->visit(gone, [&](const RowContent&, const RowHash&) { ++visited; });
  EXPECT_EQ(visited, 0);
  EXPECT_EQ(failure_of([&] { destination_->undo("r1", false); }), "usage cannot_undo");

  EXPECT_EQ(counts_text(sync("p", {row_a, row_b, row_c}, {.kind = ReadKind::full, .preview = true})), "3 3 0 0 0 0");
  EXPECT_TRUE(state().table_gone) << "a preview makes nothing";
  EXPECT_EQ(counts_text(sync("r2", {row_a, row_b, row_c}, {.kind = ReadKind::full, .checkpoint = R"({"at":2})"})),
            "3 3 0 0 0 0");
  EXPECT_FALSE(state().table_gone);
  EXPECT_EQ(state().table, gone.table);
  EXPECT_EQ(state().view, gone.view);
  EXPECT_EQ(state().checkpoint, R"({"at":2})");
  EXPECT_EQ(state().rows, 3u);
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(failure_of([&] { destination_->undo("r1", false); }), "usage cannot_undo");

  EXPECT_EQ(counts_text(sync("r3", {row_b}, {.kind = ReadKind::full})), "3 0 0 2 1 0");
  destination_->undo("r3", false);
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"b"}, {"c"}}));
}

TEST_P(Conformance, ATableDroppedInTheMiddleOfAFullReadIsBegunAnew) {
  sync("r1", {row_a, row_b}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  EXPECT_TRUE(state().generation_open);
  place_->drop_table(state().table);
  EXPECT_FALSE(state().generation_open);
  EXPECT_EQ(counts_text(sync("r2", {row_a, row_b, row_c}, {.kind = ReadKind::full, .resume = true})), "3 3 0 0 0 0");
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"b"}, {"c"}}));
}

TEST_P(Conformance, OtherModelsKeepWhatTheyHadWhenATableIsDropped) {
  sync("r1", {row_a, row_b}, {.checkpoint = R"({"at":1})", .model = "BILLS"});
  sync("r2", {row_a}, {.checkpoint = R"({"at":1})"});
  place_->drop_table(state().table);
  sync("r3", {row_a, row_c});
  EXPECT_EQ(state("BILLS").checkpoint, R"({"at":1})");
  EXPECT_EQ(query("SELECT id FROM " + state("BILLS").view + " ORDER BY 1"), (TextRows{{"a"}, {"b"}}));
  EXPECT_EQ(destination_->undo("r1", false).size(), 1u);
}

TEST_P(Conformance, AViewThatSomeoneDroppedIsMadeAgain) {
  sync("r1", {row_a, row_b});
  query("DROP VIEW " + state().view);
  sync("r2", {});
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "1"}, {"b", "2"}}));
}

}  // namespace ferry::host
