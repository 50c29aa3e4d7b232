// Frames: how the host and a worker talk over their socket pair.
//
// A frame is a head of 12 bytes, little endian: u32 payload length, u16 type, u16 reserved (0), u32 id; then the
// payload: JSON for control, raw bytes for records. The first frame in each direction is HELLO. A length beyond
// max_payload is refused before anything is allocated, and never sent.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

inline constexpr unsigned protocol_version = 1;

enum class FrameType : std::uint16_t {
  hello = 1,       // both ways: {"protocol":1,"abi":[1,0],"version":V}
  start = 2,       // host: the operation (worker_protocol.hpp)
  cancel = 3,      // host: stop soon
  fact = 4,        // worker: one or more facts, one JSON object a line
  records = 5,     // worker: u16 length of the stream's name, its name, u64 count, JSON lines
  checkpoint = 6,  // worker: {"stream":S,"state":TEXT}
  progress = 7,    // worker: how far it is, when that changed (worker_protocol.hpp)
  log = 8,         // worker: {"level":N,"message":M,"fields":TEXT?}
  mask = 9,        // worker: a value to be masked from now on
  request = 10,    // worker: {"do":"state_get|state_put|state_remove","key":K,"value":V?}; id numbers it
  reply = 11,      // host: {"found":B,"value":V?} or {"error":TEXT}; id of the request
  done = 12,       // worker: the end of the operation (worker_protocol.hpp)
  ping = 13,       // host: answered by pong with the same payload
  pong = 14
};

struct Frame {
  FrameType type;
  std::uint32_t id;
  std::string_view payload;
};

inline constexpr std::uint32_t max_payload = 17u << 20;  // a record batch of 16 MiB and its head

// The sending end. send() blocks until the frame is written; safe from any thread; false: the other end is gone or,
// where the descriptor has a send timeout, does not read. Failure(machine, frame_too_large).
class FrameSender {
 public:
  explicit FrameSender(int fd) : fd_(fd) {}  // not owned
  bool send(FrameType, std::string_view payload, std::uint32_t id = 0);
  // The payload in two pieces, to spare a copy.
  bool send(FrameType, std::string_view first, std::string_view second, std::uint32_t id);

 private:
  int fd_;
  std::mutex mutex_;
};

// The receiving end: feeds on what read() gives and hands out whole frames. One thread.
class FrameReader {
 public:
  explicit FrameReader(int fd) : fd_(fd) {}  // not owned

  enum class State { open, idle, closed };
  enum class Wait { yes, no };
  // Reads once and calls `take` for every whole frame. Payloads are valid during the call. One read takes all that a
  // socket buffer of the usual size holds. idle: nothing was there, and Wait::no. closed: the other end is gone.
  // Failure(connector, bad_frame): what came is no frame.
  State read(const std::function<void(const Frame&)>& take, Wait = Wait::yes);

 private:
  int fd_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
};

}  // namespace ferry::host
