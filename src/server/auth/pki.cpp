#include "server/auth/pki.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/base64.h"
#include "base/file.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace podwire::server {
namespace {

using namespace pki;

constexpr std::chrono::days kCaLife{3650}, kLeafLife{365}, kRenewBefore{30};

struct Pair {
  std::string certificate, key;  // PEM
};

/// What to do when one half of a pair is gone. A leaf is made anew for the asking; a CA that is made anew is
/// another one, which nobody who knows the cluster trusts: that is not done by itself.
std::string advice(const std::string& stem, bool ca, bool key) {
  const auto other = stem + (key ? ".key" : ".crt");
  if (!ca) return fmt::format("its other half is there; put it back, or remove {}", other);
  return fmt::format(
      "{} is there. Put it back{}; a new CA would be trusted by no client and no node of this "
      "cluster, and is only made when {} is gone, too",
      other, key ? " (kubeconfigs of this cluster hold it)" : "", other);
}

/// nullopt: neither file is there.
Result<std::optional<Pair>> read_pair(const std::string& stem, bool ca) {
  const bool certificate = file_exists(stem + ".crt"), key = file_exists(stem + ".key");
  if (!certificate && !key) return std::nullopt;
  if (certificate != key) return fail("read", stem + (key ? ".crt" : ".key"), ENOENT, advice(stem, ca, key));
  return Pair{TRY(read_file(stem + ".crt")), TRY(read_file(stem + ".key"))};
}

Result<> write_pair(const std::string& stem, const Pair& pair) {
  TRY(write_file_atomic(stem + ".key", pair.key, 0600));
  return write_file_atomic(stem + ".crt", pair.certificate, 0600);
}

template <class T>
Result<T> of_file(Result<T> result, const std::string& file) {
  if (!result) result.error().object = file;
  return result;
}

Result<Pair> make_pair_of(const CertificateRequest& request, X509* issuer, EVP_PKEY* issuer_key) {
  const auto key = TRY(make_key());
  const auto certificate = TRY(make_certificate(request, key.get(), issuer, issuer_key));
  return Pair{TRY(pem_of(certificate.get())), TRY(pem_of(key.get()))};
}

/// What is there, if it is good still, else a new one.
Result<Pair> ensure(const std::string& stem, const CertificateRequest& request, X509* issuer,
                    EVP_PKEY* issuer_key) {
  if (auto there = TRY(read_pair(stem, request.use == CertificateRequest::Use::ca))) {
    const auto certificate = TRY(of_file(certificate_from_pem(there->certificate), stem + ".crt"));
    const auto key = TRY(of_file(key_from_pem(there->key), stem + ".key"));
    // A renewal that was killed between its two files.
    const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!match && request.use == CertificateRequest::Use::ca)
      return fail("use", stem + ".key", 0,
                  fmt::format("it is not the key of {}.crt; put the right one back", stem));
    bool good = match && (request.use == CertificateRequest::Use::ca ||
                          lasts(certificate.get(), request.now + kRenewBefore));
    for (const auto& name : request.alternative_names) good = good && is_for(certificate.get(), name);
    if (issuer != nullptr) good = good && X509_verify(certificate.get(), X509_get0_pubkey(issuer)) == 1;
    if (good) return std::move(*there);
  }
  auto made = TRY(make_pair_of(request, issuer, issuer_key));
  TRY(write_pair(stem, made));
  return made;
}

}  // namespace

Result<Pki> open_pki(const std::string& dir, const std::vector<IpAddr>& addresses,
                     const std::vector<std::string>& names, std::chrono::sys_seconds now) {
  TRY(make_directories(dir));
  if (::chmod(dir.c_str(), 0700) != 0) return fail("set mode 0700 of", dir, errno);
  using Use = CertificateRequest::Use;
  const auto ca =
      TRY(ensure(dir + "/ca", {.use = Use::ca, .subject = {"podwire-ca", {}}, .now = now, .life = kCaLife},
                 nullptr, nullptr));
  const auto ca_certificate = TRY(certificate_from_pem(ca.certificate));
  const auto ca_key = TRY(key_from_pem(ca.key));
  if (!lasts(ca_certificate.get(), now))
    return fail("use", dir + "/ca.crt", 0,
                "the CA has expired; remove the directory's files to make a new one, and give its clients "
                "new kubeconfigs");
  CertificateRequest server{
      .use = Use::server, .subject = {"podwire-server", {}}, .now = now, .life = kLeafLife};
  for (const auto& address : addresses) server.alternative_names.push_back("IP:" + address.str());
  for (const auto& name : names) server.alternative_names.push_back("DNS:" + name);
  const auto tls = TRY(ensure(dir + "/server", server, ca_certificate.get(), ca_key.get()));
  const auto admin = TRY(ensure(dir + "/admin",
                                {.use = Use::client,
                                 .subject = {"kubernetes-admin", {"system:masters"}},
                                 .now = now,
                                 .life = kLeafLife},
                                ca_certificate.get(), ca_key.get()));
  const auto kubelet_client = TRY(ensure(
      dir + "/kubelet-client",
      {.use = Use::client, .subject = {"kube-apiserver-kubelet-client", {}}, .now = now, .life = kLeafLife},
      ca_certificate.get(), ca_key.get()));
  return Pki{.ca = ca.certificate,
             .ca_key = ca.key,
             .server = tls.certificate,
             .server_key = tls.key,
             .admin = admin.certificate,
             .admin_key = admin.key,
             .kubelet_client = kubelet_client.certificate,
             .kubelet_client_key = kubelet_client.key};
}

std::string kubeconfig(std::string_view server_url, std::string_view ca, std::string_view certificate,
                       std::string_view key) {
  return fmt::format(
      "apiVersion: v1\nkind: Config\ncurrent-context: podwire\n"
      "clusters:\n- name: podwire\n  cluster:\n    server: {}\n    certificate-authority-data: {}\n"
      "users:\n- name: admin\n  user:\n    client-certificate-data: {}\n    client-key-data: {}\n"
      "contexts:\n- name: podwire\n  context:\n    cluster: podwire\n    user: admin\n",
      server_url, base64_encode(ca), base64_encode(certificate), base64_encode(key));
}

}  // namespace podwire::server
