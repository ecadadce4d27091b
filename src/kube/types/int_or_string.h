#pragma once
#include "kube/types/read.h"

namespace podwire::kube {

/// An IntOrString of the API: a count or name, or a share ("25%"). Value type; default: 0.
struct IntOrString {
  int number = 0;
  std::string text;  ///< where it is not empty, it counts

  /// Of a total, with percentages rounded up or down; what is no percentage counts as 0.
  [[nodiscard]] int of(int total, bool round_up) const;
  friend bool operator==(const IntOrString&, const IntOrString&) = default;
};

void read(const Place& place, IntOrString& into);

}  // namespace podwire::kube
