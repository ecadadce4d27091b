#include "pki/key.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/base64.h"
#include "pki/digest.h"

namespace podwire::pki {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr int kHalf = 32;  // bytes of R and of S

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_p256(EVP_PKEY* key) {
  char name[32] = {};
  std::size_t size = 0;
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1 &&
         std::string_view(name, size) == "prime256v1";
}

}  // namespace

Result<PrivateKey> make_key() {
  PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) return failed("make", "private key");
  return key;
}

Result<PrivateKey> key_from_pem(std::string_view pem) {
  const auto bio = reader(pem);
  // The callback keeps OpenSSL from asking a terminal for the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return failed("read", "private key");
  ERR_clear_error();
  return key;
}

Result<std::string> pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed("write", "private key");
  return contents(bio.get());
}

Result<std::string> sign_es256(EVP_PKEY* key, std::string_view text) {
  if (!is_p256(key)) return fail("sign", "ES256", 0, "the key is not an ECDSA key on P-256");
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) != 1)
    return failed("sign", "ES256");
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes(text),
                     text.size()) != 1)
    return failed("sign", "ES256");
  const auto* at = bytes(der);
  const Signature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  unsigned char out[2 * kHalf];
  if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + kHalf, kHalf) != kHalf)
    return failed("sign", "ES256");
  return std::string(reinterpret_cast<const char*>(out), sizeof out);
}

bool verifies_es256(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  if (signature.size() != std::size_t{2} * kHalf || !is_p256(key)) return false;
  const Signature parts(ECDSA_SIG_new());
  auto* r = BN_bin2bn(bytes(signature), kHalf, nullptr);
  auto* s = BN_bin2bn(bytes(signature) + kHalf, kHalf, nullptr);
  if (!parts || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return false;
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  if (size <= 0) return false;
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), bytes(text), text.size()) == 1;
  OPENSSL_free(der);
  ERR_clear_error();
  return good;
}

Result<std::string> key_id(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return failed("write", "public key");
  const auto digest = sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return base64url_encode(digest);
}

}  // namespace podwire::pki
