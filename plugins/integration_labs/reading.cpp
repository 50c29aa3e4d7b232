#include "reading.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

#include "ferry/percent.hpp"

namespace ferry::integration_labs {

const Model& readable_model(std::string_view stream) {
  const Model* model = find_model(stream);
  if (model == nullptr)
    throw Error(FERRY_BAD_CONFIG, "reading \"" + std::string(stream) +
                                      "\": Integration Labs has no such data model; the nearest are " +
                                      nearest_names(stream));
  if (!model->readable())
    throw Error(FERRY_BAD_CONFIG, "reading " + std::string(stream) +
                                      ": it is not read by itself, but stands inside the records of other data models");
  return *model;
}

std::string time_text(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds(unix_ms)};
  const auto date = floor<days>(moment);
  const year_month_day calendar(date);
  const hh_mm_ss clock(moment - date);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(calendar.year()),
                static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

Reading::Reading(Host host, Call call, Api& api, const Model& model, const StreamRequest& request)
    : host_(host), call_(call), api_(api), model_(model), mode_(request.mode), from_(request.from) {
  if (mode_ != "full" && mode_ != "incremental" && mode_ != "from")
    throw Error(FERRY_UNSUPPORTED, "reading " + request.stream + ": the mode " + mode_ + " is not offered");
  if (mode_ == "from") {
    if (from_.empty()) throw Error(FERRY_BAD_CONFIG, "reading " + request.stream + " from a date: the date is missing");
    since_ = from_;
  }
  const Json& checkpoint = request.checkpoint;
  if (!checkpoint.is_object()) return;
  from_checkpoint_ = true;
  const bool unfinished = checkpoint.find("next") != nullptr;
  if (unfinished && (mode_ == "incremental" ||
                     (mode_ == checkpoint.text_or("mode", "") && from_ == checkpoint.text_or("from", "")))) {
    mode_ = checkpoint.text_or("mode", mode_);
    from_ = checkpoint.text_or("from", "");
    next_ = checkpoint.text_or("next", "");
    newest_ = checkpoint.text_or("newest", "");
    since_ = checkpoint.text_or("since", "");
    if (const Json* read_at = checkpoint.find("read_at"); read_at != nullptr && read_at->is_number())
      began_ = read_at->as_int();
  } else if (!unfinished && mode_ == "incremental") {
    since_ = newest_ = checkpoint.text_or("since", "");
    // What arrives late arrives beside what is new when it is read; of what was old by then, nothing is read again.
    const Json* read_at = checkpoint.find("read_at");
    if (request.overlap_ms > 0 && read_at != nullptr && read_at->is_number())
      since_ = std::min(since_, time_text(read_at->as_int() - request.overlap_ms));
  }
}

std::string Reading::path(bool counts) const {
  std::string out = std::string(model_.path) + "?limit=" + std::to_string(api_.settings().page_size) +
                    "&include_deleted_records=true&sort%5Brootfi_updated_at%5D=ASC&rootfi_company_id%5Beq%5D=" +
                    std::to_string(api_.settings().company_id);
  if (!since_.empty()) out += "&rootfi_updated_at%5Bgte%5D=" + percent_encoded(since_);
  if (counts) out += "&return_count=true";
  if (!next_.empty()) out += "&next=" + percent_encoded(next_);
  return out;
}

// A cursor from a checkpoint may be too old for the platform; the read then begins again where all is known.
HttpResponse Reading::first_page() {
  HttpResponse answer = api_.get_raw(path(mode_ == "full"));
  if (answer.status != 400 || next_.empty() || Refusal::read(answer).field != "next") return answer;
  call_.problem({.severity = "notice",
                 .code = "cursor_expired",
                 .message = "the platform does not take the cursor of the checkpoint any more; it is read again from "
                            "its last known time on",
                 .type = model_.name});
  next_.clear();
  if (since_ < newest_) since_ = newest_;
  return api_.get_raw(path(false));
}

void Reading::run(Sink sink) {
  Records records = sink.records(std::string(model_.name));
  const std::string what = "reading " + std::string(model_.name);
  if (began_ == 0) began_ = host_.now_unix_ms();
  call_.progress(0, 0, what);
  for (HttpResponse answer = first_page();; answer = api_.get_raw(path(false))) {
    if (!answer.ok() && count_ == 0 && from_checkpoint_)
      api_.fail(what, answer,
                "if it is the checkpoint that the platform does not take, ferry sync state reset forgets it, and the "
                "next sync reads everything");
    if (!answer.ok()) api_.fail(what, answer);
    Page page;
    try {
      page = cut_page(answer.body);
      if (page.total != 0) total_ = page.total;
      take(page, records);
      count_ += page.records.size();
      call_.progress(count_, std::max(total_, total_ == 0 ? 0 : count_), what);
      if (page.next.empty()) break;
      move_on(page, records);
    } catch (const JsonError& error) {
      throw Error(FERRY_REMOTE, what + ": the answer of Integration Labs at " + api_.settings().url +
                                    " is no page of records (status " + std::to_string(answer.status) + ", " +
                                    std::string(answer.header("Content-Type")) + "): " + error.what() +
                                    "; check the connection's url, and try again");
    }
    call_.throw_if_cancelled();
  }
  records.checkpoint(newest_.empty() ? "{}" : Json::object({{"since", newest_}, {"read_at", began_}}).dump());
  if (count_ > 0) call_.item({.type = model_.name, .outcome = outcome::read, .count = count_});
}

void Reading::take(const Page& page, Records& records) {
  for (const std::string_view record : page.records) {
    records.add(record);
    const auto updated = member_of(record, "rootfi_updated_at");
    if (!updated || updated->size() < 2 || updated->front() != '"')
      throw JsonError("a record says no rootfi_updated_at");
    const std::string_view time = updated->substr(1, updated->size() - 2);
    if (time < last_) ordered_ = false;
    last_.assign(time);
    if (newest_ < time) newest_.assign(time);
  }
}

// In the order of their update no records come twice, unless they changed.
void Reading::refuse_repetition(const Page& page) {
  constexpr std::uint64_t most_empty_pages = 1000;
  const auto refuse = [&](const std::string& what) {
    throw Error(FERRY_REMOTE,
                "reading " + std::string(model_.name) + ": after " + std::to_string(pages_) +
                    " pages the platform gave " + what +
                    ", so that the read would never end; try again later, and tell the platform's support");
  };
  if (page.next == next_ || page.next == remembered_) refuse("a cursor for the second time");
  if (page.records.empty()) {
    if (++empty_pages_ == most_empty_pages) refuse("the last " + std::to_string(empty_pages_) + " without a record");
    return;
  }
  empty_pages_ = 0;
  const std::hash<std::string_view> hash;
  const std::size_t before =
      std::exchange(page_, hash(page.records.front()) * 31 + hash(page.records.back()) + page.records.size());
  if (page_ == before || page_ == remembered_page_) refuse("a page of records for the second time");
}

void Reading::move_on(const Page& page, Records& records) {
  ++pages_;
  try {
    refuse_repetition(page);
  } catch (const Error&) {
    // Nobody knows which pages were not those that were asked for: the next read begins where this one did.
    records.checkpoint((since_.empty() ? Json::object() : Json::object({{"since", since_}})).dump());
    throw;
  }
  next_ = page.next;
  if (pages_ == remembered_at_) {
    remembered_ = next_;
    remembered_page_ = page_;
    remembered_at_ *= 2;
  }
  if (!ordered_) return;
  Json state = Json::object();
  if (!since_.empty()) state.set("since", since_);
  state.set("next", next_);
  state.set("newest", newest_);
  state.set("mode", mode_);
  state.set("read_at", began_);
  if (!from_.empty()) state.set("from", from_);
  records.checkpoint(state.dump());
}

}  // namespace ferry::integration_labs
