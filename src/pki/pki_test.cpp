#include <gtest/gtest.h>

#include "base/base64.h"
#include "pki/certificate.h"
#include "pki/digest.h"
#include "pki/join_token.h"
#include "pki/key.h"
#include "pki/signing_request.h"

namespace podwire::pki {
namespace {

TEST(Digest, IsSha256) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
  EXPECT_EQ(random_secret(16)->size(), 32U);
  EXPECT_NE(*random_secret(16), *random_secret(16));
}

TEST(Es256, SignsAndVerifies) {
  const auto key = make_key(), other = make_key();
  const auto signature = sign_es256(key->get(), "text");
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(signature->size(), 64U);
  EXPECT_TRUE(verifies_es256(key->get(), "text", *signature));
  EXPECT_FALSE(verifies_es256(key->get(), "texT", *signature));
  EXPECT_FALSE(verifies_es256(other->get(), "text", *signature));
  EXPECT_FALSE(verifies_es256(key->get(), "text", ""));
  EXPECT_FALSE(verifies_es256(key->get(), "text", std::string(64, '\0')));
  EXPECT_FALSE(verifies_es256(key->get(), "text", std::string(64, '\xff')));
  EXPECT_FALSE(verifies_es256(key->get(), "text", *signature + "x"));
  EXPECT_NE(*key_id(key->get()), *key_id(other->get()));
}

TEST(Es256, TheVectorOfRfc7515) {
  // Appendix A.3: the point of the JWK behind the head that SubjectPublicKeyInfo gives to keys on P-256.
  const auto der = *base64url_decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE") +
                   *base64url_decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                   *base64url_decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const PrivateKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(key, nullptr);
  const auto signature = base64url_decode(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(verifies_es256(
      key.get(),
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
      *signature));
}

TEST(Es256, OtherKindsOfKeysAreRefused) {
  const PrivateKey rsa(EVP_RSA_gen(2048)), p384(EVP_EC_gen("P-384"));
  EXPECT_FALSE(sign_es256(rsa.get(), "text").has_value());
  EXPECT_FALSE(sign_es256(p384.get(), "text").has_value());
  EXPECT_FALSE(verifies_es256(rsa.get(), "text", std::string(64, 'x')));
}

TEST(SigningRequest, CarriesItsSubject) {
  const auto key = make_key();
  const Subject subject{"system:node:" + std::string(200, 'n'), {"system:nodes"}};
  const auto pem = make_signing_request(subject, key->get());
  ASSERT_TRUE(pem.has_value());
  const auto request = signing_request_from_pem(*pem);
  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(subject_of(request->get()), subject);
  EXPECT_EQ(EVP_PKEY_eq(public_key_of(request->get())->get(), key->get()), 1);
  EXPECT_FALSE(signing_request_from_pem("").has_value());
  EXPECT_FALSE(signing_request_from_pem(pem->substr(0, pem->size() / 2)).has_value());
}

TEST(SigningRequest, OfAnothersKeyIsRefused) {
  const auto key = make_key(), other = make_key();
  const auto pem = make_signing_request({"n", {}}, key->get());
  const auto request = signing_request_from_pem(*pem);
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(X509_REQ_set_pubkey(request->get(), other->get()), 1);
  // What is signed is written anew only when it is signed anew: here the old signature stays.
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request->get(), &der);
  ASSERT_GT(size, 0);
  const auto text = "-----BEGIN CERTIFICATE REQUEST-----\n" +
                    base64_encode({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}) +
                    "\n-----END CERTIFICATE REQUEST-----\n";
  OPENSSL_free(der);
  EXPECT_FALSE(signing_request_from_pem(text).has_value());
}

TEST(Certificate, KeepsLongNames) {
  const auto key = make_key();
  const Subject subject{"system:node:" + std::string(240, 'n'), {"system:nodes"}};
  const auto made = make_certificate({.subject = subject}, key->get(), nullptr, nullptr);
  ASSERT_TRUE(made.has_value()) << made.error().message();
  const auto read = certificate_from_pem(*pem_of(made->get()));
  EXPECT_EQ(subject_of(X509_get_subject_name(read->get())), subject);
}

TEST(JoinToken, IsReadAsItIsWritten) {
  const auto token = node_token("ca", "0123456789abcdef");
  EXPECT_EQ(token.str(), "K10" + hex(sha256("ca")) + "::node:0123456789abcdef");
  const auto read = JoinToken::parse(token.str() + "\n");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, token);
  EXPECT_TRUE(read->is_of("ca"));
  EXPECT_FALSE(read->is_of("another"));
}

TEST(JoinToken, RefusalsDoNotShowTheSecret) {
  const std::string hash(64, 'a');
  for (const auto& text :
       {std::string(), std::string("hushhushhushhush"), "K10" + hash, "K10" + hash + "::hushhushhushhush",
        "K10" + hash + "::node:hush", "K10" + hash + "::node:hush hushhushhush",
        "K10" + hash + ":node:hushhushhushhush", "K10" + std::string(64, 'A') + "::node:hushhushhushhush",
        "K10" + hash + ":::hushhushhushhush"}) {
    const auto read = JoinToken::parse(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().message().find("hush"), std::string::npos);
  }
}

}  // namespace
}  // namespace podwire::pki
