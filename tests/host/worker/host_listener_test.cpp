#include "host/worker/host_listener.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ferry::host {
namespace {

struct Heard {
  std::string payload;
  std::thread::id by;
};

class HostListenerTest : public testing::Test {
 protected:
  HostListenerTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    host_.reset(ends[0]);
    worker_.reset(ends[1]);
    listener_.emplace(worker_.get(), [this](const Frame& frame) {
      const std::lock_guard lock(mutex_);
      heard_.push_back({std::string(frame.payload), std::this_thread::get_id()});
      changed_.notify_all();
    });
    main_ = std::thread([this] { listener_->listen(); });
  }
  ~HostListenerTest() override {
    host_.reset();
    main_.join();
  }

  void say(const std::string& payload) { FrameSender(host_.get()).send(FrameType::reply, payload); }
  bool has_heard(const std::string& payload) const {
    for (const Heard& one : heard_)
      if (one.payload == payload) return true;
    return false;
  }
  // Asks, and lets the host answer with these.
  bool ask(const std::vector<std::string>& answers) {
    const auto send = [&] {
      for (const std::string& answer : answers) say(answer);
      return true;
    };
    return listener_->converse(send, [&] {
      const std::lock_guard lock(mutex_);
      return has_heard(answers.back());
    });
  }
  void wait_until_heard(const std::string& payload) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return has_heard(payload); })) << payload;
  }

  UniqueFd host_, worker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Heard> heard_;
  std::optional<HostListener> listener_;
  std::thread main_;
};

TEST_F(HostListenerTest, WhoAsksHearsTheAnswerAndWhatComesBeforeIt) {
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_TRUE(ask({"cancel " + number, "answer " + number}));
    EXPECT_EQ(heard_.size(), 2u);
    EXPECT_EQ(heard_.back().by, std::this_thread::get_id());
    heard_.clear();
  }
}

TEST_F(HostListenerTest, TheMainThreadHearsTheRest) {
  say("before");
  wait_until_heard("before");
  ASSERT_TRUE(ask({"answer"}));
  say("after");
  wait_until_heard("after");
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(heard_.size(), 3u);
  EXPECT_EQ(heard_.front().by, main_.get_id());
  EXPECT_EQ(heard_.back().by, main_.get_id());
}

TEST_F(HostListenerTest, WhoAsksIsToldThatTheHostIsGone) {
  const auto lose_the_host = [&] {
    host_.reset();
    return true;
  };
  EXPECT_FALSE(listener_->converse(lose_the_host, [] { return false; }));
}

}  // namespace
}  // namespace ferry::host
