#pragma once
#include <expected>
#include <string>

#include "base/result.h"

namespace podwire::cni {

/// CNI spec 1.1.0 "Error" codes; 8 is libcni's, not the spec's; 100 and up are ours.
enum class Code : unsigned {
  incompatible_version = 1,
  unsupported_field = 2,
  unknown_container = 3,
  bad_environment = 4,
  io_failure = 5,
  decode_failure = 6,
  bad_config = 7,
  bad_netns = 8,
  try_again_later = 11,
  not_available = 50,
  not_available_limited = 51,  ///< existing containers have limited connectivity
  interface_exists = 100,
  port_taken = 101,
  check_failed = 102,
  kernel_refused = 103,
  delegate_failed = 104,
  internal = 999,
};

/// What goes to stdout as the CNI error object.
struct CniError {
  Code code = Code::internal;
  std::string msg;      ///< one sentence that names the field or object
  std::string details;  ///< more, may be empty
};

/// A value or a CniError. The CNI room's own Result, since each failure must choose its code.
template <class T = void>
class [[nodiscard]] CniResult : public std::expected<T, CniError> {
 public:
  using std::expected<T, CniError>::expected;
};

[[nodiscard]] inline std::unexpected<CniError> refuse(Code code, std::string msg, std::string details = {}) {
  return std::unexpected(CniError{code, std::move(msg), std::move(details)});
}

/// Gives a kernel or file Error its CNI code: `TRY(as_cni(rtnl.add_route(r)))`.
/// EEXIST on a link is the caller's to turn into interface_exists.
template <class T>
CniResult<T> as_cni(Result<T> r, Code code = Code::kernel_refused) {
  if (!r) return refuse(code, r.error().message());
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*r);
}

}  // namespace podwire::cni
