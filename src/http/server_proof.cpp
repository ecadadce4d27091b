#include "http/server_proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

#include "base/addr.h"

namespace podwire::http {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

std::string shown(const X509_NAME* name) {
  const std::unique_ptr<BIO, Freed<BIO_free>> bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string_view view(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The names and addresses that a certificate is for.
std::vector<std::string> subjects(const X509* certificate) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      out.emplace_back(view(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
      const auto bytes = view(name->d.iPAddress);
      const auto address = IpAddr::from_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())));
      if (address) out.push_back(address->str());
    }
  }
  return out;
}

std::string objection_to(X509_STORE_CTX* context, const std::string& wanted) {
  const auto error = X509_STORE_CTX_get_error(context);
  const auto* certificate = X509_STORE_CTX_get_current_cert(context);
  if (certificate == nullptr) return X509_verify_cert_error_string(error);
  if (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const auto names = subjects(certificate);
    if (names.empty()) return fmt::format("its certificate names no host, so not {}", wanted);
    return fmt::format("its certificate is for {}, not {}", fmt::join(names, ", "), wanted);
  }
  return fmt::format("its certificate ({}, issued by {}) is not trusted: {}",
                     shown(X509_get_subject_name(certificate)), shown(X509_get_issuer_name(certificate)),
                     X509_verify_cert_error_string(error));
}

}  // namespace

Result<> ServerProof::demand(SSL* ssl) const {
  auto* parameters = SSL_get0_param(ssl);
  const bool address = IpAddr::parse(name_).has_value();
  const bool set = address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name_.c_str()) == 1
                           : X509_VERIFY_PARAM_set1_host(parameters, name_.c_str(), name_.size()) == 1;
  if (!set) return fail("demand certificate", "for " + name_, 0, "it is neither a name nor an address");
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return {};
}

bool ServerProof::note(bool good, boost::asio::ssl::verify_context& context) {
  if (!good && objection_.empty()) objection_ = objection_to(context.native_handle(), name_);
  return good;
}

}  // namespace podwire::http
