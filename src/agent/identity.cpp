#include "agent/identity.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "pki/certificate.h"
#include "pki/digest.h"
#include "pki/key.h"

namespace podwire::agent {
namespace {

constexpr std::chrono::days kRenewBefore{90};
constexpr std::size_t kPasswordBytes = 32;

std::string ca_file(const std::string& dir) { return dir + "/server-ca.crt"; }
std::string certificate_file(const std::string& dir) { return dir + "/node.crt"; }
std::string key_file(const std::string& dir) { return dir + "/node.key"; }

Result<> make_private_directory(const std::string& dir) {
  TRY(make_directories(dir));
  if (::chmod(dir.c_str(), 0700) != 0) return fail("set mode 0700 of", dir, errno);
  return {};
}

}  // namespace

Result<std::optional<Identity>> stored_identity(const std::string& dir) {
  if (!file_exists(ca_file(dir)) || !file_exists(certificate_file(dir)) || !file_exists(key_file(dir)))
    return std::nullopt;
  Identity out{TRY(read_file(ca_file(dir))), TRY(read_file(certificate_file(dir))),
               TRY(read_file(key_file(dir)))};
  const auto certificate = TRY(pki::certificate_from_pem(out.certificate));
  const auto key = TRY(pki::key_from_pem(out.key));
  const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!match) return std::nullopt;  // a renewal that was killed between its two files
  return out;
}

Result<> store_identity(const std::string& dir, const Identity& identity) {
  TRY(make_private_directory(dir));
  TRY(write_file_atomic(ca_file(dir), identity.ca, 0600));
  TRY(write_file_atomic(key_file(dir), identity.key, 0600));
  return write_file_atomic(certificate_file(dir), identity.certificate, 0600);
}

Result<std::string> node_password(const std::string& dir) {
  const auto path = dir + "/node-password";
  if (file_exists(path)) return read_file(path, 4096);
  TRY(make_private_directory(dir));
  auto made = TRY(pki::random_secret(kPasswordBytes));
  TRY(write_file_atomic(path, made, 0600));
  return made;
}

bool is_good(const Identity& identity, const std::string& node, std::span<const IpAddr> addresses,
             std::chrono::sys_seconds now) {
  const auto certificate = pki::certificate_from_pem(identity.certificate);
  if (!certificate || !pki::lasts(certificate->get(), now + kRenewBefore)) return false;
  if (pki::subject_of(X509_get_subject_name(certificate->get())).common_name != "system:node:" + node)
    return false;
  return pki::is_for(certificate->get(), "DNS:" + node) &&
         std::ranges::all_of(addresses, [&](const IpAddr& address) {
           return pki::is_for(certificate->get(), "IP:" + address.str());
         });
}

}  // namespace podwire::agent
