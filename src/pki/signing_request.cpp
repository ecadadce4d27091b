#include "pki/signing_request.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace podwire::pki {

Result<std::string> make_signing_request(const Subject& subject, EVP_PKEY* key) {
  const SigningRequest request(X509_REQ_new());
  if (!request || !set_subject(X509_REQ_get_subject_name(request.get()), subject) ||
      X509_REQ_set_pubkey(request.get(), key) != 1 || X509_REQ_sign(request.get(), key, EVP_sha256()) == 0)
    return failed("make signing request", subject.common_name);
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) return failed("write", "signing request");
  return contents(bio.get());
}

Result<SigningRequest> signing_request_from_pem(std::string_view pem) {
  const auto bio = reader(pem);
  SigningRequest out(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  if (!out) return failed("read", "signing request");
  const auto key = TRY(public_key_of(out.get()));
  if (X509_REQ_verify(out.get(), key.get()) != 1) {
    ERR_clear_error();
    return fail("read", "signing request", 0, "it is not signed by the key that it is for");
  }
  ERR_clear_error();
  return out;
}

Subject subject_of(X509_REQ* request) { return subject_of(X509_REQ_get_subject_name(request)); }

Result<PrivateKey> public_key_of(X509_REQ* request) {
  PrivateKey key(X509_REQ_get_pubkey(request));
  if (!key) return failed("read", "public key of a signing request");
  return key;
}

}  // namespace podwire::pki
