#include "host/http/tls.hpp"

#include <Poco/Exception.h>
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return printable(std::string_view(data, static_cast<std::size_t>(size)));
}

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

std::string name_text(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  return text_of(bio.get());
}

std::string time_text(const ASN1_TIME* time) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  ASN1_TIME_print(bio.get(), time);
  return text_of(bio.get());
}

// The names a certificate was made for.
std::string subjects_text(X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; list && i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_DNS) {
      names.push_back(printable(std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                                 static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)))));
    } else if (name->type == GEN_IPADD) {
      char text[INET6_ADDRSTRLEN] = "";
      const int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
      ::inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof text);
      names.emplace_back(text);
    }
  }
  if (names.empty()) return name_text(X509_get_subject_name(certificate));
  return shortened(join(names, ", "), 200);
}

[[noreturn]] void refuse_ca_file(const std::string& path, const std::string& why) {
  throw Failure(Fault::usage, "ca_file",
                "cannot take the certificate authorities of " + path + ": " + why +
                    "; tls.ca_file must name a readable file of PEM certificates");
}

}  // namespace

TlsTrust::TlsTrust(bool verify, const std::string& ca_file) {
  try {
    context_ =
        new Poco::Net::Context(Poco::Net::Context::CLIENT_USE, "", "", "",
                               verify ? Poco::Net::Context::VERIFY_STRICT : Poco::Net::Context::VERIFY_NONE, 9, true);
  } catch (const Poco::Exception& error) {
    throw Failure(Fault::machine, "tls", "cannot prepare TLS: " + printable(error.displayText()));
  }
  SSL_CTX* const context = context_->sslContext();
  if (!ca_file.empty()) {
    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
      const char* const reason = ERR_reason_error_string(ERR_peek_error());
      const std::string why = reason != nullptr ? reason : "it cannot be read";
      ERR_clear_error();
      refuse_ca_file(printable(ca_file), why);
    }
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A write that takes part of a piece is progress; without this OpenSSL insists on the same pointer and size again.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // An end without close_notify can be an attacker's cut: it has to look different from an end.
  SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, 128u << 10);
  if (!verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return;
  }
  // In place of Poco's callback, which asks process-wide handlers and looks at the host name only afterwards.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsTrust::verify_certificate, this);
}

void TlsTrust::expect(const std::string& host) {
  host_ = host;
  found_.clear();
  advice_.clear();
}

int TlsTrust::verify_certificate(X509_STORE_CTX* store, void* self) {
  auto& trust = *static_cast<TlsTrust*>(self);
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(store);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int prepared = is_address(trust.host_) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, trust.host_.c_str())
                                               : X509_VERIFY_PARAM_set1_host(parameters, trust.host_.c_str(), 0);
  if (prepared == 1 && X509_verify_cert(store) == 1) return 1;
  try {
    trust.remember(store);
  } catch (...) {  // out of memory must not pass through OpenSSL; explain() then uses OpenSSL's own words
  }
  return 0;
}

void TlsTrust::remember(X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  X509* const current = X509_STORE_CTX_get_current_cert(store);
  const std::string subject = current != nullptr ? name_text(X509_get_subject_name(current)) : "?";
  const std::string issuer = current != nullptr ? name_text(X509_get_issuer_name(current)) : "?";
  const std::string trust_it =
      "if that is right, put the authority's certificate into a file and name it as tls.ca_file";
  switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      found_ = "the certificate of " + host_ + " (" + subject + ") is self-signed, so nobody vouches for it";
      advice_ = "if it is the platform's own, put this certificate into a file and name it as tls.ca_file";
      return;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      found_ =
          "the certificate of " + host_ + " was issued by an authority this machine does not know (" + issuer + ")";
      advice_ = trust_it;
      return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      found_ =
          "the certificate of " + host_ + " (" + subject + ") expired on " + time_text(X509_get0_notAfter(current));
      advice_ = "have the platform's operator renew it, and check this machine's clock";
      return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      found_ = "the certificate of " + host_ + " (" + subject + ") is not valid before " +
               time_text(X509_get0_notBefore(current));
      advice_ = "check this machine's clock";
      return;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      found_ = "the certificate is for another host: for " + (current != nullptr ? subjects_text(current) : "?") +
               ", not for " + host_;
      advice_ = "use one of those names in the connection's url, or have the certificate issued for " + host_;
      return;
    default:
      found_ =
          "the certificate of " + host_ + " (" + subject + ") is not accepted: " + X509_verify_cert_error_string(error);
      advice_ = trust_it;
  }
}

TransportError TlsTrust::explain(const std::string& openssl_text) const {
  if (!found_.empty()) return {Trouble::tls, found_, advice_};
  if (openssl_text.find("wrong version number") != std::string::npos ||
      openssl_text.find("packet length too long") != std::string::npos ||
      openssl_text.find("http request") != std::string::npos)
    return {Trouble::tls, "what answers there does not speak TLS",
            "check the port, and whether the url should begin with http://"};
  return {Trouble::tls, "no TLS connection could be made (" + printable(openssl_text) + ")",
          "check that the platform offers TLS 1.2 or newer; for a private authority set tls.ca_file"};
}

std::string server_name(const std::string& host) { return is_address(host) ? "" : host; }

}  // namespace ferry::host
