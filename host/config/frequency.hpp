// How often something is done.
//
//   15m, 1h, 2d                    an interval, which counts from the last start
//   hourly, daily, weekly          intervals too: 1h, 24h, 168h after the last start
//   cron "0 6 * * 1-5"             times of the clock (cron.hpp), whenever the last start was
//
// Immutable; any thread, but for what cron.hpp says of TZ.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "host/config/cron.hpp"

namespace ferry::host {

class Frequency {
 public:
  // Failure(usage, bad_frequency): the message ends a sentence that names the member, "is no frequency; ...".
  static Frequency parse(const std::string& text);
  static Frequency cron(const std::string& five_fields);

  // When it is to be done again; always later. A time before 1970 counts as 1970, one after 9999 as 9999.
  std::int64_t next_after(std::int64_t last_started_unix_ms) const;
  // As it would be written in the configuration.
  const std::string& text() const noexcept { return text_; }

  bool operator==(const Frequency& other) const { return text_ == other.text_; }

 private:
  Frequency(std::string text, std::chrono::milliseconds interval, std::optional<Cron> cron)
      : text_(std::move(text)), interval_(interval), cron_(std::move(cron)) {}

  std::string text_;
  std::chrono::milliseconds interval_;  // without cron_
  std::optional<Cron> cron_;
};

}  // namespace ferry::host
