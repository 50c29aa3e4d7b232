// The frames over real sockets: whole, in pieces, damaged, too long, from many threads, with nobody there any more.
#include "host/worker/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "host/base/failure.hpp"
#include "host/base/unique_fd.hpp"

namespace ferry::host {
namespace {

struct Kept {
  FrameType type;
  std::uint32_t id;
  std::string payload;
  bool operator==(const Kept&) const = default;
};

struct Channel {
  Channel() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair", errno);
    near.reset(ends[0]);
    far.reset(ends[1]);
  }
  UniqueFd near, far;
};

// Reads until the other end is gone.
std::vector<Kept> read_all(int fd) {
  FrameReader reader(fd);
  std::vector<Kept> kept;
  while (reader.read([&](const Frame& frame) {
    kept.push_back({frame.type, frame.id, std::string(frame.payload)});
  }) != FrameReader::State::closed) {
  }
  return kept;
}

std::string code_of_reading(int fd) {
  try {
    read_all(fd);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.fault(), Fault::connector);
    return failure.code() + ": " + failure.message();
  }
  return "";
}

// The bytes of frames, as they cross.
std::string bytes_of(const std::vector<Kept>& frames) {
  Channel channel;
  FrameSender sender(channel.near.get());
  for (const Kept& frame : frames) sender.send(frame.type, frame.payload, frame.id);
  channel.near.reset();
  std::string bytes;
  char buffer[4096];
  for (ssize_t got; (got = ::read(channel.far.get(), buffer, sizeof buffer)) > 0;)
    bytes.append(buffer, static_cast<std::size_t>(got));
  return bytes;
}

void put(int fd, std::string_view bytes) { ASSERT_EQ(::write(fd, bytes.data(), bytes.size()), ssize_t(bytes.size())); }

const std::vector<Kept> conversation = {{FrameType::hello, 0, R"({"protocol":1})"},
                                        {FrameType::fact, 0, ""},
                                        {FrameType::records, 0xffffffff, std::string("\0\xff\n", 3)},
                                        {static_cast<FrameType>(999), 7, "unknown types pass"},
                                        {FrameType::done, 1, "{}"}};

TEST(Frames, HaveTheBytesTheHeaderPromises) {
  EXPECT_EQ(bytes_of({{FrameType::fact, 0x01020304, "ab"}}), std::string("\x02\0\0\0\x04\0\0\0\x04\x03\x02\x01"
                                                                         "ab",
                                                                         14));
}

TEST(Frames, AConversationArrivesWhereverItIsCut) {
  const std::string bytes = bytes_of(conversation);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Channel channel;
    FrameReader reader(channel.far.get());
    std::vector<Kept> kept;
    const auto take = [&](const Frame& frame) { kept.push_back({frame.type, frame.id, std::string(frame.payload)}); };
    put(channel.near.get(), std::string_view(bytes).substr(0, cut));
    reader.read(take, FrameReader::Wait::no);
    put(channel.near.get(), std::string_view(bytes).substr(cut));
    channel.near.reset();
    while (reader.read(take) != FrameReader::State::closed) {
    }
    ASSERT_EQ(kept, conversation) << "cut at " << cut;
  }
}

TEST(Frames, AConversationArrivesByteByByte) {
  Channel channel;
  FrameReader reader(channel.far.get());
  std::vector<Kept> kept;
  for (const char byte : bytes_of(conversation)) {
    put(channel.near.get(), {&byte, 1});
    reader.read([&](const Frame& frame) { kept.push_back({frame.type, frame.id, std::string(frame.payload)}); });
  }
  EXPECT_EQ(kept, conversation);
}

// The channel is cut at every byte offset: what was whole before is known, the rest is no frame, and nobody waits.
TEST(Frames, WhatWasWholeBeforeTheChannelWasCutIsKnown) {
  const std::string bytes = bytes_of(conversation);
  std::size_t longest = 0;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    Channel channel;
    put(channel.near.get(), std::string_view(bytes).substr(0, cut));
    channel.near.reset();
    const std::vector<Kept> kept = read_all(channel.far.get());
    ASSERT_LE(kept.size(), conversation.size() - 1);
    ASSERT_TRUE(std::equal(kept.begin(), kept.end(), conversation.begin()));
    longest = std::max(longest, kept.size());
  }
  EXPECT_EQ(longest, conversation.size() - 1);
}

TEST(Frames, ALengthBeyondTheCapIsRefusedBeforeItsPayloadComes) {
  for (const std::string& head :
       {std::string("\xff\xff\xff\xff\x04\0\0\0\0\0\0\0", 12), std::string("\x01\0\x10\x01\x04\0\0\0\0\0\0\0", 12)}) {
    Channel channel;
    put(channel.near.get(), head);
    EXPECT_THAT(code_of_reading(channel.far.get()),
                testing::StartsWith("bad_frame: it wrote to ferry's own channel: what came is no frame"));
  }
}

TEST(Frames, GarbageIsRefused) {
  Channel channel;
  put(channel.near.get(), "hello, this is text for nobody in particular\n");
  EXPECT_THAT(code_of_reading(channel.far.get()), testing::StartsWith("bad_frame"));
}

TEST(Frames, TheLargestPayloadPassesAndNoLargerOneIsSent) {
  Channel channel;
  const std::string largest(max_payload, 'x');
  std::thread writer([&] {
    FrameSender sender(channel.near.get());
    EXPECT_TRUE(sender.send(FrameType::records, std::string_view(largest).substr(0, 5),
                            std::string_view(largest).substr(5), 9));
    EXPECT_THROW(sender.send(FrameType::records, largest, "x", 9), Failure);
    EXPECT_TRUE(sender.send(FrameType::done, ""));
    channel.near.reset();
  });
  const std::vector<Kept> kept = read_all(channel.far.get());
  writer.join();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_TRUE(kept[0].payload == largest);
  EXPECT_EQ(kept[1].type, FrameType::done);
}

TEST(Frames, SendersDoNotMixTheirFrames) {
  Channel channel;
  FrameSender sender(channel.near.get());
  constexpr std::uint32_t senders = 4, each = 300;
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < senders; ++i)
    threads.emplace_back([&sender, i] {
      for (std::uint32_t n = 0; n < each; ++n)
        sender.send(FrameType::records, std::to_string(i), std::string(n * 7, static_cast<char>('a' + i)), n);
    });
  std::vector<Kept> kept;
  std::thread reader([&] { kept = read_all(channel.far.get()); });
  for (std::thread& thread : threads) thread.join();
  channel.near.reset();
  reader.join();
  std::vector<std::uint32_t> next(senders, 0);
  for (const Kept& frame : kept) {
    const auto i = static_cast<std::uint32_t>(frame.payload[0] - '0');
    ASSERT_EQ(frame.id, next[i]++);
    ASSERT_EQ(frame.payload, std::to_string(i) + std::string(frame.id * 7, static_cast<char>('a' + i)));
  }
  EXPECT_EQ(next, std::vector<std::uint32_t>(senders, each));
}

TEST(Frames, ToAPeerThatIsGoneNothingIsSent) {
  Channel channel;
  channel.far.reset();
  FrameSender sender(channel.near.get());
  EXPECT_FALSE(sender.send(FrameType::fact, "x"));
  EXPECT_EQ(FrameReader(channel.near.get()).read([](const Frame&) {}), FrameReader::State::closed);
}

TEST(Frames, AReaderThatDoesNotWaitSaysThatNothingIsThere) {
  Channel channel;
  FrameReader reader(channel.far.get());
  EXPECT_EQ(reader.read([](const Frame&) { FAIL(); }, FrameReader::Wait::no), FrameReader::State::idle);
}

// What the far end had written when the near end begins to read arrives in one read: the host relies on it.
TEST(Frames, OneReadTakesAllThatASocketBufferHolds) {
  Channel channel;
  FrameSender sender(channel.near.get());
  const timeval at_once{0, 1000};
  ::setsockopt(channel.near.get(), SOL_SOCKET, SO_SNDTIMEO, &at_once, sizeof at_once);
  std::size_t sent = 0, taken = 0;
  while (sender.send(FrameType::log, std::string(1000, 'x'))) ++sent;
  EXPECT_GT(sent, 10u);
  FrameReader(channel.far.get()).read([&](const Frame&) { ++taken; });
  EXPECT_GE(taken, sent);
}

// Signals that interrupt reading and writing lose nothing.
TEST(Frames, SurviveInterruptions) {
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) {};  // without SA_RESTART
  ::sigaction(SIGUSR1, &action, &before);
  Channel channel;
  const std::string large(4u << 20, 'y');
  std::atomic<bool> finished{false};
  std::vector<Kept> kept;
  std::thread reader([&] { kept = read_all(channel.far.get()); });
  std::thread writer([&] {
    FrameSender sender(channel.near.get());
    for (std::uint32_t i = 0; i < 8; ++i) sender.send(FrameType::records, large, i);
    channel.near.reset();
  });
  std::thread disturber([&] {
    while (!finished) {
      ::pthread_kill(reader.native_handle(), SIGUSR1);
      ::pthread_kill(writer.native_handle(), SIGUSR1);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  while (!finished) {
    char byte;
    // Both threads may be signalled until they are joined; they are done once the far end has nothing more.
    if (::recv(channel.far.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) finished = true;
    std::this_thread::yield();
  }
  disturber.join();
  writer.join();
  reader.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  ASSERT_EQ(kept.size(), 8u);
  for (const Kept& frame : kept) ASSERT_TRUE(frame.payload == large);
}

}  // namespace
}  // namespace ferry::host
