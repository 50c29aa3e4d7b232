// ferry's own tables in PostgreSQL: made once, or for a preview as copies of its own.
#include "host/destinations/postgres_catalog.hpp"

namespace ferry::host {
namespace {

constexpr std::string_view version_comment = "ferry destination, version ";
constexpr int version = 1;

// Schemas that are called so are each session's own, and what is in them goes with it.
constexpr const char* private_schema = "pg_temp";

}  // namespace

bool PostgresCatalog::there() {
  // Not to_regclass: that may remember of a moment ago that there was none.
  const auto found = connection_.run(
      "SELECT coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c JOIN pg_namespace n "
      "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = '_ferry_models'",
      PostgresParameters().text(schema_));
  if (found.rows() == 0) return false;
  const std::string_view comment = found.text(0, 0);
  if (!comment.starts_with(version_comment))
    throw Failure(Fault::guard, "foreign_table",
                  "the schema " + schema_ +
                      " has a table _ferry_models that ferry did not make; name another schema "
                      "for ferry's own tables, or rename that table");
  if (std::strtol(std::string(comment.substr(version_comment.size())).c_str(), nullptr, 10) > version)
    throw Failure(Fault::machine, "destination",
                  "the tables in the schema " + schema_ + " were made by a newer ferry; use that one");
  return true;
}

void PostgresCatalog::make() {
  if (there()) return;
  // Others who find nothing wait here, and then find it.
  connection_.run("SELECT pg_advisory_xact_lock(hashtextextended($1, 7338))",
                  PostgresParameters().text("ferry bookkeeping " + schema_));
  if (there()) return;
  make_schema(schema_);
  make_tables();
}

void PostgresCatalog::make_tables() {
  connection_.run(
      "CREATE TABLE " + own("_ferry_runs") +
      " (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text NOT NULL UNIQUE, connection text NOT NULL, "
      "state text NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz, undone_at timestamptz);"
      "CREATE TABLE " +
      own("_ferry_models") +
      " (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, connection text NOT NULL, model text NOT NULL, "
      "table_schema text NOT NULL, table_name text NOT NULL, view_name text NOT NULL, columns jsonb NOT NULL, "
      "checkpoint text NOT NULL DEFAULT '', rows bigint NOT NULL DEFAULT 0, generation bigint[], "
      "generation_failed boolean NOT NULL DEFAULT false, last_run text NOT NULL DEFAULT '', "
      "last_mode text NOT NULL DEFAULT '', last_result text NOT NULL DEFAULT '', last_started_at timestamptz, "
      "last_finished_at timestamptz, last_full_at timestamptz, last_sweep_at timestamptz, "
      "failures bigint NOT NULL DEFAULT 0, UNIQUE (connection, model), UNIQUE (table_schema, table_name));"
      "CREATE TABLE " +
      own("_ferry_model_runs") +
      " (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL, model bigint NOT NULL, "
      "mode text NOT NULL DEFAULT '', result text NOT NULL DEFAULT 'running', started_at timestamptz NOT NULL, "
      "finished_at timestamptz, received bigint NOT NULL DEFAULT 0, added bigint NOT NULL DEFAULT 0, "
      "modified bigint NOT NULL DEFAULT 0, removed bigint NOT NULL DEFAULT 0, unchanged bigint NOT NULL DEFAULT 0, "
      "failed bigint NOT NULL DEFAULT 0, duplicates bigint NOT NULL DEFAULT 0, absent bigint NOT NULL DEFAULT 0, "
      "undo text NOT NULL, image_bytes bigint NOT NULL DEFAULT 0, checkpoint_before text NOT NULL, "
      "UNIQUE (model, run));"
      "CREATE TABLE " +
      own("_ferry_quarantine") +
      " (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text NOT NULL, connection text NOT NULL, "
      "model text NOT NULL, at timestamptz NOT NULL, code text NOT NULL, reason text NOT NULL, identity text NOT NULL, "
      "record text NOT NULL);"
      "CREATE INDEX ON " +
      own("_ferry_quarantine") +
      " (connection, model, number);"
      "COMMENT ON TABLE " +
      own("_ferry_models") + " IS " + sql_literal(std::string(version_comment) + std::to_string(version)));
}

void PostgresCatalog::add_what_is_new() {
  // Altering the table, though it be by nothing, would wait for everyone who uses it.
  const auto found = connection_.run(
      "SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace "
      "WHERE n.nspname = $1 AND c.relname = '_ferry_models' AND a.attname = 'failures'",
      PostgresParameters().text(schema_));
  if (found.rows() == 0)
    connection_.run("ALTER TABLE " + own("_ferry_models") +
                    " ADD COLUMN IF NOT EXISTS failures bigint NOT NULL DEFAULT 0");
}

void PostgresCatalog::withhold() {
  const bool copied = there();
  const std::string models = own("_ferry_models");
  own_schema_ = private_schema;
  make_tables();
  if (copied) connection_.run("INSERT INTO " + own("_ferry_models") + " OVERRIDING SYSTEM VALUE TABLE " + models);
  // What is numbered here must not be taken for a run or a model there.
  for (const char* table : {"_ferry_runs", "_ferry_models"})
    connection_.run("ALTER TABLE " + own(table) + " ALTER COLUMN number RESTART WITH 9000000000000000000");
}

void PostgresCatalog::withhold(PostgresModel& model) {
  model.schema = private_schema;
  model.table_name = "_ferry_withheld_" + std::to_string(model.number);
}

void PostgresCatalog::copy_withheld(PostgresModel& model) {
  if (model.schema == private_schema) return;
  const std::string real = model.table();
  withhold(model);
  connection_.run("CREATE TABLE " + model.table() + " (LIKE " + real + " INCLUDING INDEXES)");
  connection_.run("INSERT INTO " + model.table() + " TABLE " + real);
}

}  // namespace ferry::host
