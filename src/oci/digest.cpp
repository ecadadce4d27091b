#include "oci/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace podwire::oci {

Result<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::string_view kHex = "0123456789abcdef";
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + 64 ||
      text.find_first_not_of(kHex, kPrefix.size()) != std::string_view::npos)
    return fail("parse digest", fmt::format("\"{}\"", text), 0, "expected sha256: and 64 hexadecimal digits");
  Digest out;
  out.hex_ = text.substr(kPrefix.size());
  return out;
}

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> data) {
  EVP_DigestUpdate(state_->context.get(), data.data(), data.size());
}

Digest Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &length);
  Digest out;
  for (unsigned i = 0; i < length; ++i) out.hex_ += fmt::format("{:02x}", bytes[i]);
  return out;
}

Digest Sha256::of(std::string_view data) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(data)));
  return hash.finish();
}

}  // namespace podwire::oci
