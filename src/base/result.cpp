#include "base/result.h"

namespace podwire {

std::string Error::message() const {
  std::string out = verb;
  if (!object.empty()) out += out.empty() ? object : " " + object;
  if (sys_errno != 0) {
    out += ": ";
    out += std::strerror(sys_errno);
  }
  if (!detail.empty()) out += sys_errno != 0 ? " (" + detail + ")" : ": " + detail;
  return out;
}

Error Error::in(std::string_view context) && {
  verb = verb.empty() ? std::string(context) : std::string(context) + ": " + verb;
  return std::move(*this);
}

Result<> ErrorList::result() const {
  if (errors_.empty()) return {};
  if (errors_.size() == 1) return std::unexpected(errors_.front());
  std::string all;
  for (const auto& e : errors_) all += (all.empty() ? "" : "; ") + e.message();
  return std::unexpected(Error{.verb = std::move(all), .object = {}, .sys_errno = 0, .detail = {}});
}

}  // namespace podwire
