#pragma once
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/result.h"

/// OpenSSL's objects as values that free themselves.
namespace podwire::pki {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using SigningRequest = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;

/// An Error with the first reason that OpenSSL noted; forgets them all.
[[nodiscard]] std::unexpected<Error> failed(std::string_view verb, std::string_view object);

/// For reading text; it must outlive the Bio.
[[nodiscard]] Bio reader(std::string_view text);
/// What was written to a memory Bio.
[[nodiscard]] std::string contents(BIO* bio);

}  // namespace podwire::pki
