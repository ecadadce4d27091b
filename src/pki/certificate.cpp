#include "pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

namespace podwire::pki {
namespace {

bool add_part(X509_NAME* subject, int part, std::string_view text) {
  // A plain type, not MBSTRING_UTF8: that one would refuse what is longer than RFC 5280's upper bound.
  return X509_NAME_add_entry_by_NID(subject, part, V_ASN1_UTF8STRING,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

std::vector<std::string> parts_of(const X509_NAME* name, int part) {
  std::vector<std::string> out;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, part, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    out.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  ERR_clear_error();
  return out;
}

bool add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> made(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return made && X509_add_ext(to, made.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

bool set_validity(X509* certificate, const CertificateRequest& r) {
  const auto from = std::chrono::system_clock::to_time_t(r.now - std::chrono::hours(1));
  const auto to = std::chrono::system_clock::to_time_t(r.now + r.life);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to) != nullptr;
}

const char* purpose(CertificateRequest::Use use) {
  using Use = CertificateRequest::Use;
  if (use == Use::node) return "clientAuth,serverAuth";
  return use == Use::server ? "serverAuth" : "clientAuth";
}

bool set_extensions(X509* certificate, X509* issuer, const CertificateRequest& r) {
  using Use = CertificateRequest::Use;
  const bool ca = r.use == Use::ca;
  std::string names;
  for (const auto& name : r.alternative_names) names += (names.empty() ? "" : ",") + name;
  return add_extension(certificate, issuer, NID_basic_constraints,
                       ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage,
                       ca ? "critical,keyCertSign,cRLSign,digitalSignature" : "critical,digitalSignature") &&
         (ca || add_extension(certificate, issuer, NID_ext_key_usage, purpose(r.use))) &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         (ca || add_extension(certificate, issuer, NID_authority_key_identifier, "keyid")) &&
         (names.empty() || add_extension(certificate, issuer, NID_subject_alt_name, names));
}

}  // namespace

bool set_subject(X509_NAME* name, const Subject& subject) {
  for (const auto& organization : subject.organizations)
    if (!add_part(name, NID_organizationName, organization)) return false;
  return add_part(name, NID_commonName, subject.common_name);
}

Subject subject_of(const X509_NAME* name) {
  Subject out{.organizations = parts_of(name, NID_organizationName)};
  if (auto names = parts_of(name, NID_commonName); !names.empty()) out.common_name = std::move(names.front());
  return out;
}

Result<Certificate> certificate_from_pem(std::string_view pem) {
  const auto bio = reader(pem);
  Certificate out(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!out) return failed("read", "certificate");
  return out;
}

Result<std::string> pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return failed("write", "certificate");
  return contents(bio.get());
}

Result<Certificate> make_certificate(const CertificateRequest& r, EVP_PKEY* key, X509* issuer,
                                     EVP_PKEY* issuer_key) {
  Certificate out(X509_new());
  const auto no = [&] { return failed("make certificate", r.subject.common_name); };
  if (!out || X509_set_version(out.get(), 2) != 1 || !set_serial(out.get()) || !set_validity(out.get(), r))
    return no();
  if (!set_subject(X509_get_subject_name(out.get()), r.subject)) return no();
  auto* by = issuer != nullptr ? issuer : out.get();
  if (X509_set_issuer_name(out.get(), X509_get_subject_name(by)) != 1 ||
      X509_set_pubkey(out.get(), key) != 1 || !set_extensions(out.get(), by, r) ||
      X509_sign(out.get(), issuer_key != nullptr ? issuer_key : key, EVP_sha256()) == 0)
    return no();
  return out;
}

bool lasts(X509* certificate, std::chrono::sys_seconds until) {
  auto time = std::chrono::system_clock::to_time_t(until);
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) > 0;
}

bool is_for(X509* certificate, const std::string& name) {
  if (name.starts_with("IP:")) return X509_check_ip_asc(certificate, name.c_str() + 3, 0) == 1;
  return X509_check_host(certificate, name.c_str() + 4, name.size() - 4, 0, nullptr) == 1;
}

}  // namespace podwire::pki
