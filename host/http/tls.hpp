// What makes a TLS connection trusted, and says in plain words why one is not.
//
// Host names and addresses are checked against the certificate by OpenSSL itself during the handshake. One object
// serves one client and one handshake at a time. Failures: usage/ca_file.
#pragma once

#include <Poco/Net/Context.h>
#include <openssl/x509_vfy.h>

#include <string>

#include "host/http/transport_error.hpp"

namespace ferry::host {

class TlsTrust {
 public:
  // ca_file: PEM, trusted beside the system's authorities; "": those alone.
  TlsTrust(bool verify, const std::string& ca_file);
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;

  Poco::Net::Context::Ptr context() const { return context_; }
  // Before each handshake: who the other side must prove to be.
  void expect(const std::string& host);
  // After a failed one: was it the certificate?
  bool refused() const { return !found_.empty(); }
  // What was wrong with the certificate, or else with the protocol, as OpenSSL told.
  TransportError explain(const std::string& openssl_text) const;

 private:
  static int verify_certificate(X509_STORE_CTX*, void* self);
  void remember(X509_STORE_CTX*);

  Poco::Net::Context::Ptr context_;
  std::string host_;
  std::string found_, advice_;  // of a refused certificate
};

// The name to send as SNI: "" for an address.
std::string server_name(const std::string& host);

}  // namespace ferry::host
