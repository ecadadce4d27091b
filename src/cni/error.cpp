#include "cni/error.h"

#include "cni/json_fields.h"
#include "cni/result.h"

namespace podwire::cni {

boost::json::object encode_error(const CniError& error, std::string_view version) {
  // Environment variables and file names may be quoted in it, and they can hold any bytes.
  boost::json::object out{{"cniVersion", as_utf8(version)},
                          {"code", static_cast<unsigned>(error.code)},
                          {"msg", as_utf8(error.msg)}};
  if (!error.details.empty()) out["details"] = as_utf8(error.details);
  return out;
}

}  // namespace podwire::cni
