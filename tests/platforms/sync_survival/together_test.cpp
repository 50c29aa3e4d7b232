// Several syncs into one database at the same time: of two connections, and twice of one.
#include "tests/platforms/sync_survival/sync_journey.hpp"

namespace ferry::test {
namespace {

class SyncTogether : public SyncJourney {
 protected:
  static constexpr int rounds = 6;

  void run_together(const Warehouse& warehouse) {
    configure({{.url = books_.url(), .page_size = 7}, {.name = "shop", .url = shop_.url(), .page_size = 11}});
    for (int round = 0; round < rounds; ++round) {
      const Words words = round % 3 == 2 ? Words{"--mode", "full"} : Words{};
      Process books(sync_command(warehouse, words)), shop(sync_command(warehouse, words, "shop"));
      Process again(sync_command(warehouse, words, "shop"));  // takes its turn after the other
      for (Process* one : {&books, &shop, &again}) {
        const Finished done = one->finish();
        EXPECT_EQ(done.exit_code, succeeded) << done.err;
        expect_adds_up(done.out);
      }
      for (const std::string& model : books_.models()) {
        expect_exact(books_.content(model), warehouse.tables->held("books", model), "books " + model);
        expect_exact(shop_.content(model), warehouse.tables->held("shop", model), "shop " + model);
        books_.change({model, 3, 9, 1, ""});
        shop_.change({model, 1, 20, 0, ""});
      }
      if (round % 2 == 0) books_.bring_all();
    }
  }

  Books books_{{"records=300"}}, shop_{{"records=260"}};
};

TEST_F(SyncTogether, IntoSqlite) { run_together(sqlite()); }

TEST_F(SyncTogether, IntoPostgresql) {
  ASSERT_TRUE(PostgresServer::available()) << "install PostgreSQL: samples/install-dependencies.sh --tests";
  run_together(postgres());
}

}  // namespace
}  // namespace ferry::test
