#pragma once
#include <map>
#include <memory>
#include <optional>

#include "base/addr.h"

namespace podwire::dns {

/// How much is under way, of all clients and of each: so that none takes what others need. On one thread.
class Shares {
 public:
  Shares(std::size_t all, std::size_t each) : all_(all), each_(each) {}

  /// One share, given back when it is destroyed. It may outlive the Shares.
  class Share {
   public:
    Share(std::shared_ptr<std::map<IpAddr, std::size_t>> taken, IpAddr client)
        : taken_(std::move(taken)), client_(client) {
      ++(*taken_)[client_];
    }
    Share(Share&&) = default;
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (!taken_) return;
      const auto mine = taken_->find(client_);
      if (--mine->second == 0) taken_->erase(mine);
    }

   private:
    std::shared_ptr<std::map<IpAddr, std::size_t>> taken_;
    IpAddr client_;
  };

  /// nullopt: not now.
  std::optional<Share> take(const IpAddr& client) {
    std::size_t now = 0;
    for (const auto& [who, count] : *taken_) now += count;
    const auto mine = taken_->find(client);
    if (now >= all_ || (mine != taken_->end() && mine->second >= each_)) return std::nullopt;
    return Share(taken_, client);
  }

 private:
  std::size_t all_, each_;
  std::shared_ptr<std::map<IpAddr, std::size_t>> taken_ = std::make_shared<std::map<IpAddr, std::size_t>>();
};

}  // namespace podwire::dns
