// A request body in protobuf. What can be decoded must be sound JSON that can be encoded again, and means the
// same then; what cannot is refused with a 400.
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <string_view>

#include "kube/codec/protobuf.h"

using namespace podwire::kube;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto& schema = Schema::builtin();
  const auto object = from_protobuf(schema, body);
  if (!object) {
    must(object.error().code == 400 && !object.error().message.empty());
    return 0;
  }
  must(!json::serialize(*object).empty());
  const auto encoded = to_protobuf(schema, *object);
  must(encoded.has_value());
  const auto again = from_protobuf(schema, *encoded);
  must(again && *again == *object);
  return 0;
}
