#pragma once
#include <string>
#include <string_view>

#include "pki/certificate.h"

namespace podwire::pki {

/// A certificate signing request (PKCS #10) for that subject, signed by the key.
Result<std::string> make_signing_request(const Subject& subject, EVP_PKEY* key);

/// Reads one from PEM. Errors: it is none, or is not signed by the key that it is for.
Result<SigningRequest> signing_request_from_pem(std::string_view pem);
[[nodiscard]] Subject subject_of(X509_REQ* request);
/// The key to certify.
Result<PrivateKey> public_key_of(X509_REQ* request);

}  // namespace podwire::pki
