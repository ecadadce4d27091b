#pragma once
#include <unistd.h>

#include <utility>

namespace podwire {

/// A borrowed file descriptor: never closes. What functions take instead of a raw int.
class Fd {
 public:
  constexpr Fd() = default;
  explicit constexpr Fd(int raw) : raw_(raw) {}
  [[nodiscard]] constexpr int raw() const { return raw_; }
  explicit constexpr operator bool() const { return raw_ >= 0; }

 private:
  int raw_ = -1;
};

/// Owns one file descriptor and closes it. Move-only; empty after a move.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int raw) : raw_(raw) {}
  UniqueFd(UniqueFd&& other) noexcept : raw_(std::exchange(other.raw_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] Fd get() const { return Fd(raw_); }
  [[nodiscard]] int raw() const { return raw_; }
  explicit operator bool() const { return raw_ >= 0; }
  int release() { return std::exchange(raw_, -1); }
  void reset() {
    if (raw_ >= 0) ::close(std::exchange(raw_, -1));
  }

 private:
  int raw_ = -1;
};

}  // namespace podwire
