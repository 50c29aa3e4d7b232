#include "samples/sandbox/core/site.hpp"

#include "samples/sandbox/core/files.hpp"

namespace sandbox {

Site::Site(Factory make, Settings settings, std::filesystem::path state_file)
    : make_(std::move(make)), settings_(std::move(settings)), state_file_(std::move(state_file)) {
  settings_.faults = &faults_;
  environment_ = make_(settings_);
  if (!state_file_.empty() && std::filesystem::exists(state_file_)) {
    saved_ = read_file(state_file_);
    try {
      environment_->restore(saved_);
    } catch (const BadRequest& failure) {
      throw std::runtime_error("The state in " + state_file_.string() + " cannot be used: " + failure.message);
    }
  }
}

std::shared_ptr<Environment> Site::environment() const {
  const std::lock_guard lock(mutex_);
  return environment_;
}

Answer Site::answer(const Request& request) {
  Answer answer = environment()->answer(request);
  save();
  return answer;
}

std::optional<Faults> Site::fault(const Request& request) { return faults_.take(request.method + ' ' + request.path); }

void Site::answered(const Request& request, int status) { log_.add(request, status, settings_.now_ms()); }

json::Object Site::counters() const {
  json::Object counters = json::object();
  for (const auto& [name, value] : environment()->counters()) counters->set(name, value);
  counters->set("requests", log_.counts());
  return counters;
}

void Site::reset() {
  faults_.clear();
  std::shared_ptr<Environment> fresh = make_(settings_);
  {
    const std::lock_guard lock(mutex_);
    environment_ = std::move(fresh);
  }
  log_.clear();
  save();
}

void Site::save() {
  if (state_file_.empty()) return;
  const std::lock_guard lock(save_mutex_);
  std::string state = environment()->state();
  if (state == saved_) return;
  write_file(state_file_, state);
  saved_ = std::move(state);
}

}  // namespace sandbox
