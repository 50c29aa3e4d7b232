#include "samples/sandbox/core/certificate.hpp"

#include <Poco/Net/IPAddress.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

#include "samples/sandbox/core/files.hpp"

namespace sandbox {

namespace {

void require(bool good) {
  if (!good) throw std::runtime_error("The sandbox cannot make a certificate: OpenSSL refused.");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  require(memory && PEM_write_bio_X509(memory.get(), certificate) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Poco::Net::Context::Ptr make_tls_context(const std::filesystem::path& certificate_file, const std::string& host) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  require(key && certificate);
  constexpr long a_day = 24 * 60 * 60;
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -a_day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * a_day);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>("ferry sandbox");
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1);
  X509_set_issuer_name(certificate.get(), name);
  // An authority too, so that it can itself be put among the trusted.
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  Poco::Net::IPAddress address;
  names += (Poco::Net::IPAddress::tryParse(host, address) ? ",IP:" : ",DNS:") + host;
  add_extension(certificate.get(), NID_subject_alt_name, names);
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  write_file(certificate_file, pem_of(certificate.get()));
  Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, "", "", "", Poco::Net::Context::VERIFY_NONE);
  require(SSL_CTX_use_certificate(context->sslContext(), certificate.get()) == 1);
  require(SSL_CTX_use_PrivateKey(context->sslContext(), key.get()) == 1);
  return context;
}

}  // namespace sandbox
