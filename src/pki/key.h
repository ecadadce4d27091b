#pragma once
#include <string>
#include <string_view>

#include "pki/openssl.h"

namespace podwire::pki {

// All keys that podwire makes are ECDSA P-256.

Result<PrivateKey> make_key();
Result<PrivateKey> key_from_pem(std::string_view pem);
Result<std::string> pem_of(EVP_PKEY* key);

/// RFC 7518's ES256: ECDSA on P-256 over SHA-256, the signature as the 64 bytes R and S. Errors: a key of
/// another kind.
Result<std::string> sign_es256(EVP_PKEY* key, std::string_view text);
/// False for anything that is no such signature by this key.
[[nodiscard]] bool verifies_es256(EVP_PKEY* key, std::string_view text, std::string_view signature);

/// A name for the public half: base64url of the SHA-256 of its SubjectPublicKeyInfo.
Result<std::string> key_id(EVP_PKEY* key);

}  // namespace podwire::pki
