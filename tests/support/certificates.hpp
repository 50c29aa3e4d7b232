// Certificates made on the spot, right or wrong on purpose.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace ferry::test {

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  std::string pem() const;
};

struct CertificateOptions {
  std::string common_name = "localhost";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  // as openssl.cnf writes them; "": none
  long valid_from = -3600, valid_to = 3600;                      // seconds from now
  bool authority = false;
  const Identity* issuer = nullptr;  // null: signs itself
};

Identity make_identity(const CertificateOptions&);

}  // namespace ferry::test
