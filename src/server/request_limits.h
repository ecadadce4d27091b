#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "kube/status.h"
#include "server/auth/user.h"

namespace podwire::server {

/// How much may be at work at a time: so many requests that read, that write, and so many watches; a single
/// user gets three quarters of each, so that who has run wild leaves room for others. The group
/// system:masters is not held up, but for watches. On the store's thread.
class RequestLimits {
 public:
  enum class Sort : std::uint8_t { read, write, watch };
  struct Most {
    std::size_t reads = 400, writes = 200;  ///< as kube-apiserver
    std::size_t watches = 9'000;
  };
  /// One request's place; given back when it is destroyed. Must not outlive the limits.
  class Permit {
   public:
    Permit(RequestLimits& limits, Sort sort, std::string user);
    ~Permit();
    Permit(Permit&& other) noexcept
        : limits_(other.limits_), sort_(other.sort_), user_(std::move(other.user_)) {
      other.limits_ = nullptr;
    }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    Permit& operator=(Permit&&) = delete;

   private:
    RequestLimits* limits_;
    Sort sort_;
    std::string user_;
  };

  RequestLimits() : RequestLimits(Most{}) {}
  explicit RequestLimits(Most most) : most_(most) {}
  RequestLimits(const RequestLimits&) = delete;
  RequestLimits& operator=(const RequestLimits&) = delete;

  /// 429 with Retry-After.
  kube::Answer<Permit> admit(const User& user, Sort sort);
  [[nodiscard]] std::size_t at_work(Sort sort) const { return count_of(sort).total; }

 private:
  struct Count {
    std::size_t total = 0;
    std::map<std::string, std::size_t, std::less<>> of_user;
  };
  [[nodiscard]] const Count& count_of(Sort sort) const { return counts_[static_cast<std::size_t>(sort)]; }
  [[nodiscard]] std::size_t most_of(Sort sort) const;

  Most most_;
  Count counts_[3];
};

}  // namespace podwire::server
