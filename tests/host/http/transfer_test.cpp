// Memory stays flat, however large a package is. In ordinary builds only: a sanitizer keeps books of its own. How fast
// packages move is measured against curl in tests/benchmark.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "host/base/files.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(FERRY_SANITIZED)
namespace ferry::test {
namespace {

constexpr std::uint64_t package_size = 128u << 20;

// GET gives the package, PUT takes it: neither costs the server more than the kernel's copying.
void serve_package(Peer& peer, int package) {
  while (const auto request = peer.receive(false)) {
    if (request->method != "GET") {
      peer.answer(200);
      continue;
    }
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(package_size) + "\r\n\r\n");
    off_t offset = 0;
    while (offset < static_cast<off_t>(package_size) && ::sendfile(peer.fd(), package, &offset, 4u << 20) > 0) {
    }
  }
}

std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::strtoull(line.c_str() + 6, nullptr, 10);
  return 0;
}

// Writes the body to a file, as a spool does.
struct ToFile : host::HttpReceiver {
  explicit ToFile(int into) : fd(into) {}
  void on_head(const host::HttpHead&) override {}
  void on_body(std::string_view piece) override { host::write_all(fd, piece, "writing"); }
  int fd;
};

class TransferTest : public HttpTest {
 protected:
  TransferTest() {
    std::ofstream made(path("package"), std::ios::binary);
    std::string piece(1u << 20, '\0');
    for (std::uint64_t i = 0; i < package_size / piece.size(); ++i) {
      std::generate(piece.begin(), piece.end(),
                    [n = static_cast<unsigned>(i)]() mutable { return static_cast<char>(n = n * 1103515245 + 12345); });
      made << piece;
    }
    made.close();
    package_ = host::open_file(path("package"), O_RDONLY);
    server_ = std::make_unique<TestServer>([fd = package_.get()](Peer& peer) { serve_package(peer, fd); });
    settings.base_url = server_->url();
  }
  std::string path(const std::string& name) const { return directory_.path() / name; }

  void download() {
    const host::UniqueFd into = host::open_file(path("got"), O_WRONLY | O_CREAT | O_TRUNC);
    ToFile receiver(into.get());
    client().send(exchange("GET", "/package"), receiver);
  }
  void upload() {
    host::HttpExchange sent = exchange("PUT", "/package");
    sent.body = host::FileBody{package_.get(), package_size};
    EXPECT_EQ(send(sent).head.status, 200);
  }

  const host::TemporaryDirectory directory_{::testing::TempDir()};
  host::UniqueFd package_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(TransferTest, MemoryStaysFlat) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
  const std::size_t before = peak_kib();
  download();
  upload();
  EXPECT_LT(peak_kib() - before, 8u << 10);
  EXPECT_GE(counts.bytes_received, package_size);
  EXPECT_GE(counts.bytes_sent, package_size);
}

}  // namespace
}  // namespace ferry::test
#endif
