#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "pki/openssl.h"

namespace podwire::pki {

/// For whom a certificate is.
struct Subject {
  std::string common_name;
  std::vector<std::string> organizations;

  friend bool operator==(const Subject&, const Subject&) = default;
};

/// Writes it into an empty name; false: there was no memory. RFC 5280 gives a common name 64 bytes, and
/// Kubernetes' users have longer ones (system:node:NAME): all of it is written, as Go and OpenSSL read it.
[[nodiscard]] bool set_subject(X509_NAME* name, const Subject& subject);
[[nodiscard]] Subject subject_of(const X509_NAME* name);

Result<Certificate> certificate_from_pem(std::string_view pem);
Result<std::string> pem_of(X509* certificate);

/// What a certificate says.
struct CertificateRequest {
  enum class Use : std::uint8_t { ca, server, client, node /* both */ } use = Use::client;
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

}  // namespace podwire::pki
