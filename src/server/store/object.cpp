#include "server/store/object.h"

#include <numeric>

namespace podwire::server {
namespace {

std::size_t bytes_of(const Pairs& pairs) {
  return std::accumulate(pairs.begin(), pairs.end(), std::size_t{0}, [](std::size_t sum, const auto& pair) {
    return sum + sizeof(pair) + pair.first.size() + pair.second.size();
  });
}

}  // namespace

std::size_t bytes_of(const Object& object) {
  constexpr std::size_t kAllocation = 64;  // the control block, and what malloc adds to each string
  return sizeof(Object) + kAllocation + object.json.size() + object.key.name.size() +
         bytes_of(object.labels) + bytes_of(object.fields);
}

}  // namespace podwire::server
