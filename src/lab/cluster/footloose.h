#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "kube/json.h"

namespace podwire::lab {

/// What a lab takes out of footloose's configuration: how many machines there are and what they are called.
struct Footloose {
  std::string name;                   ///< cluster.name
  std::vector<std::string> machines;  ///< machines[].spec.name, with %d counted from 0 in each group
  std::vector<std::string> ignored;   ///< paths of keys that mean nothing here: "machines[].spec.image"
};

/// Errors name the path of the key. Pure. Of many machines of one name and no %d nothing good can come:
/// error.
[[nodiscard]] Result<Footloose> footloose_from(const kube::json::value& document);

}  // namespace podwire::lab
