#include "samples/sandbox/core/exchange.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Timestamp.h>
#include <Poco/URI.h>

#include <charconv>
#include <exception>
#include <sstream>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

namespace {

struct Head {
  Request request;
  std::int64_t body_length = 0;
  bool expects_continue = false, keep_alive = true;
};

Head parse_head(const std::string& text, bool is_secure) {
  Poco::Net::HTTPRequest parsed;
  Head head;
  Request& request = head.request;
  try {
    std::istringstream lines(text);
    parsed.read(lines);
    request.target = parsed.getURI();
    const Poco::URI uri(request.target);
    request.path = uri.getPath().empty() ? "/" : uri.getPath();
    request.query = uri.getQueryParameters();
  } catch (const Poco::Exception&) {
    throw BadRequest{"The request's head is not HTTP/1.1."};
  }
  request.method = parsed.getMethod();
  for (const auto& [name, value] : parsed) request.headers.emplace_back(name, value);
  request.origin = (is_secure ? "https://" : "http://") + parsed.get("Host", "127.0.0.1");
  head.keep_alive = parsed.getVersion() == Poco::Net::HTTPMessage::HTTP_1_1
                        ? !same_text(parsed.get("Connection", ""), "close")
                        : same_text(parsed.get("Connection", ""), "keep-alive");
  head.expects_continue = same_text(parsed.get("Expect", ""), "100-continue");
  if (parsed.has("Transfer-Encoding")) {
    if (!same_text(parsed.get("Transfer-Encoding"), "chunked")) throw BadRequest{"Only chunked transfer is spoken."};
    head.body_length = -1;
  } else if (parsed.has("Content-Length")) {
    const std::string& length = parsed.get("Content-Length");
    const char* end = length.data() + length.size();
    const auto [stopped, error] = std::from_chars(length.data(), end, head.body_length);
    if (error != std::errc() || stopped != end || head.body_length < 0)
      throw BadRequest{"Content-Length is no number."};
  }
  return head;
}

std::vector<std::string_view> body_of(const Answer& answer) {
  if (!answer.pieces.empty()) return answer.pieces;
  if (answer.blob) return {*answer.blob};
  return {answer.text};
}

std::size_t size_of(const std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  return size;
}

void cut(std::vector<std::string_view>& pieces, std::size_t size) {
  std::size_t kept = 0;
  for (std::string_view& piece : pieces) {
    piece = piece.substr(0, std::min(piece.size(), size - kept));
    kept += piece.size();
  }
}

std::string http_date(const Poco::Timestamp& time) {
  return Poco::DateTimeFormatter::format(time, Poco::DateTimeFormat::HTTP_FORMAT);
}

std::string head_of(const Answer& answer, std::size_t size, bool keep_alive) {
  std::string head =
      "HTTP/1.1 " + std::to_string(answer.status) + ' ' +
      Poco::Net::HTTPResponse::getReasonForStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status)) +
      "\r\nDate: " + http_date(Poco::Timestamp()) + "\r\n";
  if (!answer.content_type.empty()) head += "Content-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  if (answer.status != 204 && answer.status != 304) head += "Content-Length: " + std::to_string(size) + "\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  return head + "\r\n";
}

Answer refusal(const Faults& fault) {
  Answer answer = json_answer(
      json::object({{"message", "The sandbox was asked to answer " + std::to_string(fault.status) + " here."}}),
      fault.status);
  if (!fault.retry_after.empty()) {
    constexpr Poco::Timestamp::TimeDiff two_seconds = 2'000'000;
    const bool is_date = fault.retry_after == "date";
    answer.headers.emplace_back(fault.retry_after_header,
                                is_date ? http_date(Poco::Timestamp() + two_seconds) : fault.retry_after);
  }
  return answer;
}

// Whatever a platform throws becomes an answer, but for a client that is gone.
Answer answer_of(Handler& handler, const Request& request) {
  try {
    return handler.answer(request);
  } catch (const BadRequest& failure) {
    return json_answer(json::object({{"message", failure.message}}), 400);
  } catch (const Poco::Net::NetException&) {
    throw;
  } catch (const std::exception& failure) {
    return json_answer(json::object({{"message", std::string("The sandbox failed: ") + failure.what()}}), 500);
  }
}

}  // namespace

bool serve_exchange(Wire& wire, Handler& handler, Pause& pause, bool is_secure) {
  std::string text;
  Head head;
  try {
    if (!wire.read_head(text)) return false;
    head = parse_head(text, is_secure);
  } catch (const BadRequest& failure) {
    const Answer answer = json_answer(json::object({{"message", failure.message}}), 400);
    wire.send({head_of(answer, answer.text.size(), false), answer.text});
    return false;
  }
  Request& request = head.request;
  WireBody body(wire, head.body_length, head.expects_continue);
  request.body = &body;

  const Faults fault = handler.fault(request).value_or(Faults{});
  Answer answer;
  if (fault.applied_first) answer = answer_of(handler, request);
  if (fault.latency_ms > 0) pause.wait(fault.latency_ms);
  if (!fault.applied_first && fault.status == 0 && !fault.drop) answer = answer_of(handler, request);
  if (fault.drop) {
    handler.answered(request, 0);
    return false;
  }
  if (fault.status != 0) answer = refusal(fault);
  if (!fault.content_type.empty()) answer.content_type = fault.content_type;

  bool keep_alive = false;
  try {
    keep_alive = body.finish() && head.keep_alive;
  } catch (const BadRequest&) {
    // The answer says already what is wrong; where the next request begins cannot be known.
  }
  std::vector<std::string_view> pieces = body_of(answer);
  const std::size_t size = size_of(pieces);
  const bool is_cut = fault.truncate_at >= 0 && static_cast<std::size_t>(fault.truncate_at) < size;
  if (is_cut) cut(pieces, static_cast<std::size_t>(fault.truncate_at));
  if (request.method == "HEAD" || answer.status == 204 || answer.status == 304) pieces.clear();
  handler.answered(request, answer.status);
  const std::string start = head_of(answer, size, keep_alive);
  if (fault.bytes_per_second > 0) {
    wire.send({start});
    wire.send_slowly(pieces, fault.bytes_per_second);
  } else {
    pieces.insert(pieces.begin(), start);
    wire.send(pieces);
  }
  return keep_alive && !is_cut;
}

}  // namespace sandbox
