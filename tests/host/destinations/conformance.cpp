#include "tests/host/destinations/conformance.hpp"

#include <algorithm>

#include "host/base/failure.hpp"

namespace ferry::host {

void Conformance::SetUp() {
  place_ = GetParam().make();
  destination_ = place_->open([this] { return now_; });
}

Layout Conformance::invoices() {
  return Layout({{"id", ColumnType::text, true},
                 {"number", ColumnType::integer},
                 {"amount", ColumnType::number},
                 {"paid", ColumnType::boolean},
                 {"lines", ColumnType::json},
                 {"gone", ColumnType::boolean}});
}

std::unique_ptr<RowBatch> batch_of(RowReader& reader, const std::vector<std::string>& records) {
  std::string lines;
  for (const std::string& record : records) lines += record + "\n";
  return reader.read(lines, records.size());
}

ModelTally Conformance::sync(const std::string& run, const std::vector<std::string>& records,
                             const SyncOptions& options) {
  return sync(run, records, options, invoices());
}

ModelTally Conformance::sync(const std::string& run, const std::vector<std::string>& records,
                             const SyncOptions& options, const Layout& layout, DestinationWriter::Opened* opened) {
  now_ += 1000;
  const auto writer = destination_->begin({run, options.connection, now_}, options.preview, options.undo);
  const auto found = writer->open({options.connection, options.model, options.space, options.removals}, layout,
                                  options.kind, options.resume);
  if (opened != nullptr) *opened = found;
  RowReader reader(options.model, found.state.layout, {options.contract, "gone"});
  for (std::size_t at = 0; at < records.size(); at += options.batch)
    writer->write(*batch_of(
        reader, {records.begin() + static_cast<std::ptrdiff_t>(at),
                 records.begin() + static_cast<std::ptrdiff_t>(std::min(at + options.batch, records.size()))}));
  if (!options.checkpoint.empty()) writer->checkpoint(options.model, options.checkpoint);
  writer->commit();
  if (options.killed) return writer->tally(options.model);
  if (options.kind != ReadKind::changes) writer->remove_unseen(options.model);
  writer->finish(options.model, options.kind == ReadKind::full ? "full" : "incremental", options.result);
  const ModelTally tally = writer->tally(options.model);
  writer->end_run(options.result);
  return tally;
}

ModelState Conformance::state(const std::string& model, const std::string& connection) {
  for (ModelState& one : destination_->models(connection))
    if (one.model == model) return std::move(one);
  return {};
}

TextRows Conformance::rows(const std::string& columns) {
  const ModelState model = state();
  if (model.view.empty()) return {};
  return query("SELECT " + columns + " FROM " + model.view + " ORDER BY 1");
}

std::string counts_text(const ModelTally& tally) {
  const OutcomeCounts& counts = tally.counts;
  std::string text;
  for (const std::uint64_t count :
       {counts.total, counts.added, counts.modified, counts.removed, counts.unchanged, counts.failed})
    text += (text.empty() ? "" : " ") + std::to_string(count);
  return text;
}

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const Failure& failure) {
    return std::string(fault_word(failure.fault())) + " " + failure.code();
  }
}

}  // namespace ferry::host
