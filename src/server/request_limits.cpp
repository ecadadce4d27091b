#include "server/request_limits.h"

#include <algorithm>

namespace podwire::server {
namespace {

constexpr int kRetryAfter = 1;  // seconds

}  // namespace

RequestLimits::Permit::Permit(RequestLimits& limits, Sort sort, std::string user)
    : limits_(&limits), sort_(sort), user_(std::move(user)) {
  auto& count = limits_->counts_[static_cast<std::size_t>(sort_)];
  ++count.total;
  ++count.of_user[user_];
}

RequestLimits::Permit::~Permit() {
  if (limits_ == nullptr) return;
  auto& count = limits_->counts_[static_cast<std::size_t>(sort_)];
  --count.total;
  const auto it = count.of_user.find(user_);
  if (--it->second == 0) count.of_user.erase(it);
}

std::size_t RequestLimits::most_of(Sort sort) const {
  if (sort == Sort::read) return most_.reads;
  return sort == Sort::write ? most_.writes : most_.watches;
}

kube::Answer<RequestLimits::Permit> RequestLimits::admit(const User& user, Sort sort) {
  const auto& count = count_of(sort);
  const auto most = most_of(sort);
  const auto own = count.of_user.find(user.name);
  const bool too_many = count.total >= most || (own != count.of_user.end() && own->second >= most - most / 4);
  const bool exempt =
      sort != Sort::watch && std::ranges::find(user.groups, "system:masters") != user.groups.end();
  if (too_many && !exempt)
    return kube::too_many_requests("Too many requests, please try again later.", kRetryAfter);
  return Permit(*this, sort, user.name);
}

}  // namespace podwire::server
