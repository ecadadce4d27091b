#pragma once
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <memory>
#include <string>

/// For tests: a CA, and the certificates that it signs, as PEM.
namespace podwire::http {

inline std::string pem(const std::function<int(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(write(bio), 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

class TestCa {
 public:
  struct Signed {
    std::string certificate, key;
  };

  TestCa() : key_(EVP_EC_gen("P-256")), certificate_(fresh(key_, "a test's CA", "")) {
    extend(certificate_, NID_basic_constraints, "critical,CA:TRUE");
    X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
    X509_sign(certificate_, key_, EVP_sha256());
  }
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;
  ~TestCa() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  [[nodiscard]] std::string certificate() const {
    return pem([&](BIO* b) { return PEM_write_bio_X509(b, certificate_); });
  }

  /// `names`: "DNS:localhost,IP:127.0.0.1".
  [[nodiscard]] Signed sign(const std::string& common_name, const std::string& names,
                            long valid_for = 3600) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = fresh(key, common_name, names, valid_for);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
    X509_sign(certificate, key_, EVP_sha256());
    Signed out{pem([&](BIO* b) { return PEM_write_bio_X509(b, certificate); }), pem([&](BIO* b) {
                 return PEM_write_bio_PrivateKey(b, key, nullptr, nullptr, 0, nullptr, nullptr);
               })};
    X509_free(certificate);
    EVP_PKEY_free(key);
    return out;
  }

 private:
  static void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static X509* fresh(EVP_PKEY* key, const std::string& common_name, const std::string& names,
                     long valid_for = 3600) {
    static int serial = 0;
    X509* out = X509_new();
    X509_set_version(out, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(out), -7200);
    X509_gmtime_adj(X509_getm_notAfter(out), valid_for);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(out), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_pubkey(out, key);
    if (!names.empty()) extend(out, NID_subject_alt_name, names);
    return out;
  }

  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace podwire::http
