#include "samples/sandbox/integration_labs/table.hpp"

#include <algorithm>
#include <cstring>

namespace sandbox::integration_labs {
namespace {

// Records that were there from the beginning came over 50 a second, so that
// many share a time and still follow the order of their ids.
constexpr std::int64_t first_copied_ms = 1'704'067'200'000;  // 2024-01-01
constexpr std::uint64_t rows_a_second = 50;

std::int64_t copied_at(std::uint64_t index) {
  return first_copied_ms + static_cast<std::int64_t>(index / rows_a_second) * 1000;
}

// The first base row that was copied at this time or later.
std::uint64_t first_copied_from(std::int64_t time) {
  if (time <= first_copied_ms) return 0;
  return static_cast<std::uint64_t>((time - first_copied_ms + 999) / 1000) * rows_a_second;
}

}  // namespace

ChunkPointer ChunkCache::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return nullptr;
  by_use_.erase(found->second.used);
  found->second.used = ++uses_;
  by_use_.emplace(uses_, key);
  return found->second.chunk;
}

void ChunkCache::insert(const Key& key, ChunkPointer chunk) {
  erase(key);
  const std::lock_guard lock(mutex_);
  bytes_ += chunk->bytes();
  kept_[key] = {std::move(chunk), ++uses_};
  by_use_.emplace(uses_, key);
  while (bytes_ > limit_ && by_use_.size() > 1) {
    const auto oldest = kept_.find(by_use_.begin()->second);
    bytes_ -= oldest->second.chunk->bytes();
    kept_.erase(oldest);
    by_use_.erase(by_use_.begin());
  }
}

void ChunkCache::erase(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  bytes_ -= found->second.chunk->bytes();
  by_use_.erase(found->second.used);
  kept_.erase(found);
}

void ChunkCache::erase_table(const void* table) {
  const std::lock_guard lock(mutex_);
  for (auto kept = kept_.lower_bound({table, 0}); kept != kept_.end() && kept->first.first == table;) {
    bytes_ -= kept->second.chunk->bytes();
    by_use_.erase(kept->second.used);
    kept = kept_.erase(kept);
  }
}

Table::Table(const Model& model, std::uint64_t seed, std::uint64_t company_id, std::uint64_t first_id,
             std::uint64_t count, bool lean, ChunkCache& cache)
    : model_(model),
      company_id_(company_id),
      first_id_(first_id),
      base_(count),
      cache_(cache),
      writer_(model, seed, company_id, first_id, lean),
      last_brought_(copied_at(count)),
      is_changed_(count) {}

std::uint64_t Table::size() const {
  const std::lock_guard lock(mutex_);
  return base_ + added_;
}

Row Table::base_row(std::uint64_t index) const { return {copied_at(index), copied_at(index), 0, 0}; }

Row Table::row_locked(std::uint64_t index) const {
  if (index < base_ && !is_changed_[index]) return base_row(index);
  return changed_.at(index);
}

Row Table::row(std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  return row_locked(index);
}

std::optional<std::uint64_t> Table::index_of(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  if (id < first_id_ || !exists(id - first_id_)) return std::nullopt;
  return id - first_id_;
}

void Table::put_row(std::uint64_t index, const Row& row) {
  changed_[index] = row;
  if (index < base_) is_changed_[index] = true;
  by_update_.emplace_back(row.updated_at, index);
  cache_.erase({this, index / chunk_rows});
}

void Table::add(std::uint64_t count, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  pending_additions_.insert(pending_additions_.end(), count, now);
}

void Table::modify(std::uint64_t index, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (exists(index)) pending_[index].modified_at = now;
}

void Table::remove(std::uint64_t index, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (exists(index) && row_locked(index).deleted_at == 0) pending_[index].removed_at = now;
}

void Table::append_members(std::string json) {
  const std::lock_guard lock(mutex_);
  appended_ += json;
  writer_.append_members(appended_);
  cache_.erase_table(this);
}

Table::Brought Table::bring(bool full, std::optional<std::int64_t> from, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  Brought brought;
  const std::int64_t since = from.value_or(0);
  // Strictly later than all before: what is ordered by the time of its update
  // stays in order.
  const std::int64_t at = std::max(now, last_brought_ + 1);
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    const auto& [index, change] = *pending;
    Row row = row_locked(index);
    if (change.removed_at != 0) {
      if (!full) {
        ++pending;
        continue;
      }
      row.deleted_at = at;
      brought.deleted.push_back(index);
    } else if (change.modified_at >= since && row.deleted_at == 0) {
      ++row.revision;
      brought.updated.push_back(index);
    } else {
      ++pending;
      continue;
    }
    row.updated_at = at;
    put_row(index, row);
    pending = pending_.erase(pending);
  }
  std::erase_if(pending_additions_, [&](std::int64_t added_at) {
    if (added_at < since) return false;
    const std::uint64_t index = base_ + added_++;
    put_row(index, {at, at, 0, 0});
    brought.created.push_back(index);
    return true;
  });
  if (!brought.created.empty() || !brought.updated.empty() || !brought.deleted.empty()) last_brought_ = at;
  if (by_update_.size() > 2 * changed_.size() + 64)
    std::erase_if(by_update_, [&](const auto& entry) { return changed_.at(entry.second).updated_at != entry.first; });
  std::sort(by_update_.begin(), by_update_.end());
  return brought;
}

ChunkPointer Table::chunk(std::uint64_t number) const {
  if (ChunkPointer kept = cache_.find({this, number})) return kept;
  auto made = std::make_shared<Chunk>();
  const std::uint64_t first = number * chunk_rows, end = std::min(first + chunk_rows, base_ + added_);
  made->starts.reserve(end - first + 1);
  const std::size_t room = writer_.most_bytes() + 1;
  std::size_t used = 0, size = 0;
  for (std::uint64_t index = first; index < end; ++index) {
    if (size - used < room) {
      size = index == first ? room + (end - first) * usual_bytes_ : size * 5 / 4 + room;
      auto larger = std::make_unique_for_overwrite<char[]>(size);
      if (used > 0) std::memcpy(larger.get(), made->text.get(), used);
      made->text = std::move(larger);
    }
    made->starts.push_back(static_cast<std::uint32_t>(used));
    char* at = writer_.write(made->text.get() + used, index, row_locked(index));
    *at++ = ',';
    used = static_cast<std::size_t>(at - made->text.get());
  }
  made->starts.push_back(static_cast<std::uint32_t>(used));
  usual_bytes_ = used / (end - first) + 8;
  cache_.insert({this, number}, made);
  return made;
}

std::string Table::record(std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  std::string text(writer_.most_bytes(), '\0');
  text.resize(static_cast<std::size_t>(writer_.write(text.data(), index, row_locked(index)) - text.data()));
  return text;
}

void Table::render(const std::vector<std::uint64_t>& indices, Pieces& out) const {
  // Rows that stand alone are written for themselves: a whole chunk is not made
  // for one of them.
  constexpr std::size_t worth_a_chunk = 50;
  const std::lock_guard lock(mutex_);
  auto alone = std::make_shared<std::string>();
  std::vector<std::pair<std::size_t, std::size_t>> alone_at;  // piece, where it begins in `alone`
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i + 1;
    const std::uint64_t number = indices[i] / chunk_rows;
    while (end < indices.size() && indices[end] == indices[end - 1] + 1 && indices[end] / chunk_rows == number) ++end;
    ChunkPointer kept = end - i >= worth_a_chunk ? chunk(number) : cache_.find({this, number});
    if (kept != nullptr) {
      const std::uint64_t first = number * chunk_rows;
      out.pieces.push_back(kept->rows(indices[i] - first, indices[end - 1] - first));
      out.owners.push_back(std::move(kept));
    } else {
      alone_at.emplace_back(out.pieces.size(), alone->size());
      out.pieces.emplace_back();
      for (std::size_t k = i; k < end; ++k) {
        const std::size_t start = alone->size();
        alone->resize(start + writer_.most_bytes() + 1);
        char* at = writer_.write(alone->data() + start, indices[k], row_locked(indices[k]));
        *at++ = ',';
        alone->resize(static_cast<std::size_t>(at - alone->data()));
      }
    }
    i = end;
  }
  for (std::size_t k = 0; k < alone_at.size(); ++k) {
    const std::size_t end = k + 1 < alone_at.size() ? alone_at[k + 1].second : alone->size();
    out.pieces[alone_at[k].first] = std::string_view(*alone).substr(alone_at[k].second, end - 1 - alone_at[k].second);
  }
  if (!alone_at.empty()) out.owners.push_back(std::move(alone));
}

std::size_t Table::waiting() const {
  const std::lock_guard lock(mutex_);
  return pending_.size() + pending_additions_.size();
}

bool Table::is_touched() const {
  const std::lock_guard lock(mutex_);
  return !changed_.empty() || !pending_.empty() || !pending_additions_.empty() || !appended_.empty();
}

json::Object Table::state() const {
  const std::lock_guard lock(mutex_);
  json::Array rows = json::array(), pending = json::array(), additions = json::array();
  for (const auto& [index, row] : changed_)
    rows->add(json::array({index, row.created_at, row.updated_at, row.deleted_at, row.revision}));
  for (const auto& [index, change] : pending_)
    pending->add(json::array({index, change.modified_at, change.removed_at}));
  for (const std::int64_t added_at : pending_additions_) additions->add(added_at);
  return json::object({{"model", std::string(model_.name)},
                       {"company_id", company_id_},
                       {"added", added_},
                       {"last_brought", last_brought_},
                       {"members", appended_},
                       {"rows", rows},
                       {"pending", pending},
                       {"pending_additions", additions}});
}

void Table::restore(const json::Object& state) {
  const std::lock_guard lock(mutex_);
  const auto numbers = [](const json::Value& value) {
    std::vector<std::int64_t> out;
    for (const json::Value& one : json::elements(value)) out.push_back(one.convert<std::int64_t>());
    return out;
  };
  added_ = static_cast<std::uint64_t>(json::integer(state, "added"));
  last_brought_ = json::integer(state, "last_brought", last_brought_);
  appended_ = json::string(state, "members");
  writer_.append_members(appended_);
  for (const json::Value& value : json::elements(state, "rows")) {
    const auto row = numbers(value);
    put_row(static_cast<std::uint64_t>(row.at(0)),
            {row.at(1), row.at(2), row.at(3), static_cast<std::uint32_t>(row.at(4))});
  }
  std::sort(by_update_.begin(), by_update_.end());
  for (const json::Value& value : json::elements(state, "pending")) {
    const auto change = numbers(value);
    pending_[static_cast<std::uint64_t>(change.at(0))] = {change.at(1), change.at(2)};
  }
  for (const json::Value& value : json::elements(state, "pending_additions"))
    pending_additions_.push_back(value.convert<std::int64_t>());
  cache_.erase_table(this);
}

// Ordinals: by id, a row's index. By update, the base rows by index (those that
// were changed are passed over), then the entries of by_update_ (those that are
// void are passed over).
Table::Walk::Walk(const Table& table, Order order, bool backwards, std::optional<Place> after,
                  std::optional<std::int64_t> updated_from)
    : table_(table), lock_(table.mutex_), order_(order), backwards_(backwards) {
  const auto base = static_cast<std::int64_t>(table.base_);
  const auto size = static_cast<std::int64_t>(order == Order::by_id ? table.base_ + table.added_
                                                                    : table.base_ + table.by_update_.size());
  const auto first_after = [&](const Place& place, bool inclusive) -> std::int64_t {
    if (order == Order::by_id) {
      if (place.id < table.first_id_) return 0;
      return std::min<std::int64_t>(size, static_cast<std::int64_t>(place.id - table.first_id_) + (inclusive ? 0 : 1));
    }
    const std::uint64_t index = place.id < table.first_id_ ? 0 : place.id - table.first_id_;
    const bool whole = place.id < table.first_id_ || inclusive;  // the row at the place itself is wanted, too
    const auto from_time = std::min(first_copied_from(place.updated_at), table.base_);
    const auto after_time = std::min(first_copied_from(place.updated_at + 1), table.base_);
    const auto in_base = std::clamp(index + (whole ? 0 : 1), from_time, after_time);
    if (in_base < table.base_) return static_cast<std::int64_t>(in_base);
    const std::pair<std::int64_t, std::uint64_t> key{place.updated_at, index};
    const auto found = whole ? std::lower_bound(table.by_update_.begin(), table.by_update_.end(), key)
                             : std::upper_bound(table.by_update_.begin(), table.by_update_.end(), key);
    return base + (found - table.by_update_.begin());
  };
  if (!backwards) {
    ordinal_ = after ? first_after(*after, false) : 0;
    if (updated_from && order == Order::by_update)
      ordinal_ = std::max(ordinal_, first_after({*updated_from, table.first_id_}, true));
  } else {
    ordinal_ = (after ? first_after(*after, true) : size) - 1;
  }
  settle();
}

void Table::Walk::next() {
  ordinal_ += backwards_ ? -1 : 1;
  settle();
}

void Table::Walk::settle() {
  const auto base = static_cast<std::int64_t>(table_.base_);
  const auto size = static_cast<std::int64_t>(order_ == Order::by_id ? table_.base_ + table_.added_
                                                                     : table_.base_ + table_.by_update_.size());
  for (; ordinal_ >= 0 && ordinal_ < size; ordinal_ += backwards_ ? -1 : 1) {
    if (order_ == Order::by_id) {
      index_ = static_cast<std::uint64_t>(ordinal_);
      row_ = table_.row_locked(index_);
    } else if (ordinal_ < base) {
      index_ = static_cast<std::uint64_t>(ordinal_);
      if (table_.is_changed_[index_]) continue;
      row_ = table_.base_row(index_);
    } else {
      const auto& [updated_at, index] = table_.by_update_[static_cast<std::size_t>(ordinal_ - base)];
      row_ = table_.changed_.at(index);
      if (row_.updated_at != updated_at) continue;
      index_ = index;
    }
    found_ = true;
    return;
  }
  found_ = false;
}

}  // namespace sandbox::integration_labs
