#include "host/destinations/postgres.hpp"

#include <algorithm>
#include <set>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "host/destinations/names.hpp"
#include "host/destinations/postgres_binary.hpp"
#include "host/destinations/postgres_undo.hpp"
#include "host/destinations/postgres_writer.hpp"

namespace ferry::host {
namespace {

constexpr std::string_view union_comment = "ferry union";

class Postgres final : public Destination {
 public:
  Postgres(PostgresSettings settings, Now now)
      : settings_(std::move(settings)),
        now_(std::move(now)),
        description_(PostgresConnection::describe(settings_.conninfo)) {}

  std::string description() const override { return description_; }

  std::vector<ModelState> models(const std::string& connection) override {
    std::vector<ModelState> states;
    with([&](PostgresCatalog& catalog) {
      if (!catalog.there()) return;
      for (PostgresModel& model : catalog.load(connection)) states.push_back(std::move(model.state));
    });
    return states;
  }

  std::unique_ptr<DestinationWriter> begin(const RunStamp& run, bool preview, const UndoRules& undo) override {
    auto connection = idle_ ? std::move(idle_) : connect();
    return std::make_unique<PostgresWriter>(std::move(connection), settings_.schema, settings_.space, run, preview,
                                            undo, now_);
  }

  void note_failure(const RunStamp& run, const std::vector<std::string>& models, const std::string& result) override {
    PostgresArray names(PostgresType::text);
    for (const std::string& model : models) names.add(model);
    in_transaction(false, [&](PostgresCatalog& catalog) {
      if (!catalog.there()) return;
      catalog.add_what_is_new();
      catalog.connection().run("UPDATE " + catalog.own("_ferry_models") +
                                   " SET last_run = $1, last_started_at = $2, last_finished_at = $3, last_result = $4, "
                                   "failures = failures + 1 WHERE connection = $5 AND model = ANY ($6::text[]) "
                                   "AND (last_run <> $1 OR last_result = 'running')",
                               PostgresParameters()
                                   .text(run.id)
                                   .text(rfc3339(run.started_at))
                                   .text(rfc3339(now_()))
                                   .text(result)
                                   .text(run.connection)
                                   .binary(names.finish()));
    });
  }

  void set_checkpoint(const std::string& connection, const std::string& model, const std::string& checkpoint) override {
    in_transaction(false, [&](PostgresCatalog& catalog) {
      catalog.connection().lock("ferry model " + connection + "/" + model, model + " of " + connection);
      PostgresModel found = find(catalog, connection, model);
      catalog.end_generation(found);  // what it saw belongs to the checkpoint it had
      catalog.connection().run("UPDATE " + catalog.own("_ferry_models") + " SET checkpoint = $1 WHERE number = $2",
                               PostgresParameters().text(checkpoint).number(found.number));
    });
  }

  std::vector<UndoneModel> undo(const std::string& run, bool preview) override {
    std::vector<UndoneModel> undone;
    in_transaction(preview, [&](PostgresCatalog& catalog) {
      if (!catalog.there())
        throw Failure(Fault::usage, "unknown_run", description_ + " knows no run " + printable(shortened(run, 80)));
      undone = undo_run(catalog, run, now_());
    });
    return undone;
  }

  void visit(const ModelState& state, const RowVisitor& visitor) override {
    with([&](PostgresCatalog& catalog) {
      const PostgresModel model = find(catalog, state.connection, state.model);
      if (model.state.table_gone) return;
      std::string list = "\"_ferry_hash\"";
      for (std::size_t i = 0; i < state.layout.size(); ++i) list += ", " + model.name(i) + "::text";
      RowContent content;
      const auto visit_row = [&](const PostgresAnswer& row) {
        content.read(state.layout, [&](std::size_t i) -> std::optional<std::string_view> {
          const int column = static_cast<int>(i) + 1;
          return row.null(0, column) ? std::nullopt : std::optional(row.text(0, column));
        });
        visitor(content, hash_of(row.text(0, 0)));
      };
      catalog.connection().stream("SELECT " + list + " FROM " + model.table() + " WHERE \"_ferry_deleted_at\" IS NULL",
                                  visit_row);
    });
  }

  void make_union(const std::string& name, const std::vector<ModelState>& models) override {
    if (models.empty()) throw Failure(Fault::usage, "empty_union", "the union " + name + " has no models yet");
    in_transaction(false, [&](PostgresCatalog& catalog) { make_union(catalog, name, models); });
  }

 private:
  std::unique_ptr<PostgresConnection> connect() const {
    return std::make_unique<PostgresConnection>(settings_.conninfo);
  }

  // A connection that failed is not used again.
  template <typename Work>
  void with(Work work) {
    auto connection = idle_ ? std::move(idle_) : connect();
    PostgresCatalog catalog(*connection, settings_.schema, settings_.space);
    work(catalog);
    idle_ = std::move(connection);
  }

  template <typename Work>
  void in_transaction(bool preview, Work work) {
    with([&](PostgresCatalog& catalog) {
      catalog.connection().run("BEGIN");
      try {
        work(catalog);
        if (preview)
          catalog.connection().rollback();
        else
          catalog.connection().commit();
      } catch (...) {
        catalog.connection().rollback();
        catalog.connection().unlock_all();
        throw;
      }
      catalog.connection().unlock_all();
    });
  }

  PostgresModel find(PostgresCatalog& catalog, const std::string& connection, const std::string& model) const {
    std::vector<PostgresModel> all;
    if (catalog.there()) all = catalog.load(connection);
    std::vector<std::string> known;
    for (PostgresModel& one : all) {
      if (one.state.model == model) return std::move(one);
      known.push_back(one.state.model);
    }
    throw Failure(Fault::usage, "unknown_model",
                  description_ + " has no model " + printable(shortened(model, 80)) + " of " + connection +
                      suggestion(model, known));
  }

  static RowHash hash_of(std::string_view uuid) {
    RowHash hash{};
    std::size_t digits = 0;
    for (const char c : uuid) {
      if (c == '-') continue;
      const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
      auto& byte = hash[digits++ / 2 % hash.size()];
      byte = static_cast<unsigned char>(byte << 4 | digit);
    }
    return hash;
  }

  void make_union(PostgresCatalog& catalog, const std::string& name, const std::vector<ModelState>& states) const {
    std::vector<PostgresModel> models;
    for (const ModelState& state : states) models.push_back(find(catalog, state.connection, state.model));
    const std::string plain = safe_name(name, {}, longest_postgres_name);
    const std::string view = quote_identifier(settings_.space) + "." + quote_identifier(plain);
    PostgresConnection& connection = catalog.connection();
    const auto there = connection.run(
        "SELECT coalesce(obj_description(to_regclass($1), 'pg_class'), '') WHERE to_regclass($1) IS NOT NULL",
        PostgresParameters().text(view));
    if (there.rows() > 0 && there.text(0, 0) != union_comment)
      throw Failure(Fault::guard, "foreign_table",
                    "the destination has " + settings_.space + "." + plain +
                        " already, which ferry did not make; nothing was touched: give the union another name");
    if (there.rows() > 0) connection.run("DROP VIEW " + view);
    std::string sql;
    for (const PostgresModel& model : models) sql += (sql.empty() ? "" : " UNION ALL ") + selection(model, models);
    connection.run("CREATE VIEW " + view + " AS " + sql);
    connection.run("COMMENT ON VIEW " + view + " IS " + sql_literal(union_comment));
  }

  // The members all of them have, of one type: where they differ, of the text both read as.
  static std::string selection(const PostgresModel& model, const std::vector<PostgresModel>& all) {
    std::string list = sql_literal(model.state.connection) + "::text AS \"connection\"";
    std::set<std::string> taken = {"connection"};
    for (const Column& column : all.front().state.layout.columns()) {
      std::optional<ColumnType> type = column.type;
      bool common = true, same = true;
      for (const PostgresModel& other : all) {
        const auto index = other.state.layout.find(column.member);
        common = common && index;
        if (!common) break;
        const ColumnType theirs = other.state.layout.columns()[*index].key ? other.key_type(*index)
                                                                           : other.state.layout.columns()[*index].type;
        same = same && theirs == column.type;
        type = type ? wider(*type, theirs) : type;
      }
      if (!common) continue;
      const std::string called = safe_name(column.member, taken, longest_postgres_name);
      taken.insert(called);
      const std::string from = model.name(*model.state.layout.find(column.member));
      const std::string cast = same ? "" : type == ColumnType::number ? "::numeric" : "::text";
      list += ", " + from + cast + " AS " + quote_identifier(called);
    }
    return "SELECT " + list + " FROM " + model.table() + " WHERE \"_ferry_deleted_at\" IS NULL";
  }

  const PostgresSettings settings_;
  const Now now_;
  const std::string description_;
  std::unique_ptr<PostgresConnection> idle_;
};

}  // namespace

std::unique_ptr<Destination> open_postgres(const PostgresSettings& settings, Now now) {
  return std::make_unique<Postgres>(settings, std::move(now));
}

}  // namespace ferry::host
