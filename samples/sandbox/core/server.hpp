// The whole sandbox: every environment behind a port of its own, and the admin port.
//
// The constructor returns when all ports accept and the ready and environment files are written; the destructor closes
// them. Throws BadRequest for options that cannot be played, std::runtime_error for ports and files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "samples/sandbox/core/admin.hpp"
#include "samples/sandbox/core/listener.hpp"
#include "samples/sandbox/core/options.hpp"

namespace sandbox {

class Server {
 public:
  explicit Server(const Options&);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string admin_url() const { return admin_listener_->url(); }
  const std::vector<Playing>& environments() const { return environments_; }

 private:
  class Host;
  void make_sites(const Options&);
  void listen(const Options&);
  void write_files(const Options&) const;

  std::vector<Playing> environments_;
  Admin admin_{environments_};
  std::vector<std::unique_ptr<Host>> hosts_;
  std::unique_ptr<Listener> admin_listener_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace sandbox
