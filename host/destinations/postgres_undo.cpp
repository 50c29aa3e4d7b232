#include "host/destinations/postgres_undo.hpp"

#include "host/base/clock.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

[[noreturn]] void refuse(const std::string& run, const std::string& reason) {
  throw Failure(Fault::usage, "cannot_undo", "the run " + run + " cannot be undone: " + reason);
}

std::string why_nothing_is_kept(std::string_view undo) {
  if (undo == "off") return "what was there before was not kept, because undo is switched off in the configuration";
  if (undo == "too_big") return "what was there before was more than may be kept (undo: size)";
  return "what was there before is not kept any more; it was too old, or gave room to later runs";
}

struct Part {
  PostgresModel model;
  std::string undo, checkpoint;
};

std::vector<Part> parts_of(PostgresCatalog& catalog, const std::string& run, std::int64_t number) {
  std::vector<Part> parts;
  const auto rows = catalog.connection().run(
      "SELECT m.connection, m.model, r.undo, r.checkpoint_before, r.added + r.modified + r.removed, (SELECT o.run "
      "FROM " +
          catalog.own("_ferry_model_runs") + " l JOIN " + catalog.own("_ferry_runs") +
          " o ON o.number = l.run WHERE l.model = r.model AND l.number > r.number AND l.undo <> 'undone' "
          "AND l.added + l.modified + l.removed > 0 LIMIT 1) FROM " +
          catalog.own("_ferry_model_runs") + " r JOIN " + catalog.own("_ferry_models") +
          " m ON m.number = r.model WHERE r.run = $1 ORDER BY r.number",
      PostgresParameters().number(number));
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::string connection(rows.text(row, 0)), model(rows.text(row, 1)), undo(rows.text(row, 2));
    if (rows.number(row, 4) == 0) continue;
    if (!rows.null(row, 5))
      refuse(run, "the run " + std::string(rows.text(row, 5)) + " changed " + model + " after it; undo that one first");
    if (undo != "kept") refuse(run, "of " + model + ", " + why_nothing_is_kept(undo));
    catalog.connection().lock("ferry model " + connection + "/" + model, model + " of " + connection);
    parts.push_back({catalog.load(connection, model).at(0), undo, std::string(rows.text(row, 3))});
    if (parts.back().model.state.table_gone) refuse(run, "the table of " + model + " was dropped since");
  }
  return parts;
}

UndoneModel undo_model(PostgresCatalog& catalog, Part& part, const std::string& number) {
  PostgresConnection& connection = catalog.connection();
  PostgresModel& model = part.model;
  const std::string before = catalog.before(model), of_run = "b.\"_ferry_before_run\" = " + number;
  const std::string image = "SELECT FROM " + before + " b WHERE " + of_run + " AND " + model.same_key("b", "t");
  UndoneModel undone{model.state.model, model.state.table};
  const auto counts = connection.run(
      "SELECT count(*) FILTER (WHERE b.\"_ferry_deleted_at\" IS NULL AND (t.\"_ferry_run\" IS NULL OR "
      "t.\"_ferry_deleted_at\" IS NOT NULL)), count(*) FILTER (WHERE b.\"_ferry_deleted_at\" IS NOT NULL "
      "AND t.\"_ferry_run\" IS NOT NULL AND t.\"_ferry_deleted_at\" IS NULL), count(*) FROM " +
      before + " b LEFT JOIN " + model.table() + " t ON " + model.same_key("b", "t") + " WHERE " + of_run);
  const std::uint64_t marked_again = static_cast<std::uint64_t>(counts.number(0, 1));
  undone.added_back = static_cast<std::uint64_t>(counts.number(0, 0));
  undone.changed_back = static_cast<std::uint64_t>(counts.number(0, 2)) - undone.added_back - marked_again;
  undone.taken_out = marked_again + connection
                                        .run("DELETE FROM " + model.table() + " t WHERE t.\"_ferry_run\" = " + number +
                                             " AND NOT EXISTS (" + image + ")")
                                        .affected();
  connection.run("DELETE FROM " + model.table() + " t WHERE EXISTS (" + image + ")");
  connection.run("INSERT INTO " + model.table() + " (" + model.column_list() + ") SELECT " + model.column_list() +
                 " FROM " + before + " b WHERE " + of_run);
  connection.run("DELETE FROM " + before + " b WHERE " + of_run);
  catalog.end_generation(model);
  connection.run("UPDATE " + catalog.own("_ferry_models") + " SET checkpoint = $1, rows = (SELECT count(*) FROM " +
                     model.table() + " WHERE \"_ferry_deleted_at\" IS NULL) WHERE number = $2",
                 PostgresParameters().text(part.checkpoint).number(model.number));
  connection.run("UPDATE " + catalog.own("_ferry_model_runs") +
                     " SET undo = 'undone', image_bytes = 0 WHERE run = $1 AND model = $2",
                 PostgresParameters().text(number).number(model.number));
  return undone;
}

}  // namespace

std::vector<UndoneModel> undo_run(PostgresCatalog& catalog, const std::string& run, std::int64_t now) {
  PostgresConnection& connection = catalog.connection();
  const auto found =
      connection.run("SELECT number, undone_at::text FROM " + catalog.own("_ferry_runs") + " WHERE run = $1",
                     PostgresParameters().text(run));
  if (found.rows() == 0)
    throw Failure(Fault::usage, "unknown_run", "the destination knows no run " + printable(shortened(run, 80)));
  if (!found.null(0, 1)) refuse(run, "it was undone before, at " + std::string(found.text(0, 1)));
  const std::int64_t number = found.number(0, 0);
  std::vector<Part> parts = parts_of(catalog, run, number);
  if (parts.empty()) refuse(run, "it changed nothing");
  std::vector<UndoneModel> undone;
  for (Part& part : parts) undone.push_back(undo_model(catalog, part, std::to_string(number)));
  connection.run("UPDATE " + catalog.own("_ferry_runs") + " SET undone_at = $1 WHERE number = $2",
                 PostgresParameters().text(rfc3339(now)).number(number));
  return undone;
}

}  // namespace ferry::host
