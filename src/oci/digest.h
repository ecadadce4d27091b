#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::oci {

/// A content address as OCI writes it: "sha256:" and 64 lower-case hexadecimal digits. The only algorithm we
/// take.
class Digest {
 public:
  Digest() = default;
  static Result<Digest> parse(std::string_view text);
  [[nodiscard]] const std::string& hex() const { return hex_; }
  [[nodiscard]] std::string str() const { return "sha256:" + hex_; }
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  friend class Sha256;
  std::string hex_;
};

/// SHA-256 of a stream. One use: update any number of times, then finish once.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();
  void update(std::span<const std::byte> data);
  Digest finish();
  static Digest of(std::string_view data);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace podwire::oci
