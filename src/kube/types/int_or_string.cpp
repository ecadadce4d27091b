#include "kube/types/int_or_string.h"

#include <charconv>

namespace podwire::kube {

int IntOrString::of(int total, bool round_up) const {
  if (text.empty()) return number;
  std::int64_t percent = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || std::string_view(stop, end) != "%") return 0;
  return static_cast<int>((percent * total + (round_up ? 99 : 0)) / 100);
}

void read(const Place& place, IntOrString& into) {
  if (place.value().is_string()) {
    read(place, into.text);
  } else {
    read(place, into.number);
  }
}

}  // namespace podwire::kube
