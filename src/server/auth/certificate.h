#pragma once
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/auth/pki.h"

namespace podwire::server {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Result<PrivateKey> make_key();
Result<PrivateKey> key_from_pem(std::string_view pem);
Result<std::string> pem_of(EVP_PKEY* key);
Result<Certificate> certificate_from_pem(std::string_view pem);
Result<std::string> pem_of(X509* certificate);

/// What a certificate says.
struct CertificateRequest {
  enum class Use : std::uint8_t { ca, server, client } use = Use::client;
  Subject subject;
  std::vector<std::string> alternative_names;  ///< "IP:127.0.0.1", "DNS:localhost"
  std::chrono::sys_seconds now;
  std::chrono::days life{365};
};

/// Signed by the issuer, or by its own key when that is nullptr. Valid from an hour before `now`, for clocks
/// that differ.
Result<Certificate> make_certificate(const CertificateRequest& request, EVP_PKEY* key, X509* issuer,
                                     EVP_PKEY* issuer_key);

/// Whether it is valid for so long still.
[[nodiscard]] bool lasts(X509* certificate, std::chrono::sys_seconds until);
[[nodiscard]] bool is_for(X509* certificate, const std::string& alternative_name);

}  // namespace podwire::server
