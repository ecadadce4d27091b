// A request body in JSON, its kind on a line before it ("apps/v1 Deployment"). What is accepted stays as it
// is when it is checked again; what is not is refused with a 400.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kube/codec/decode.h"
#include "kube/codec/defaults.h"
#include "kube/codec/protobuf.h"

using namespace podwire::kube;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void must_be_refusal(const Status& status) {
  must(status.code == 400 && status.reason == "BadRequest" && !status.message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.size() == text.size()) return 0;
  const auto* resource = Schema::builtin().kind(line.substr(0, space), line.substr(space + 1));
  if (resource == nullptr) return 0;

  std::vector<std::string> duplicates;
  auto object = parse_body(text.substr(line.size() + 1), &duplicates);
  if (!object) {
    must_be_refusal(object.error());
    return 0;
  }
  auto strict = *object;
  const auto warnings = check_fields(*resource, *object, FieldValidation::warn, duplicates);
  const auto refusal = check_fields(*resource, strict, FieldValidation::strict, duplicates);
  must(refusal.has_value() == (warnings && warnings->empty()));
  if (!refusal) must_be_refusal(refusal.error());
  if (!warnings) return 0;

  apply_constant_defaults(*resource->message, *object);
  auto again = *object;
  const auto nothing = check_fields(*resource, again, FieldValidation::strict);
  must(nothing && nothing->empty());
  apply_constant_defaults(*resource->message, again);
  must(again == *object);
  if (const auto encoded = to_protobuf(Schema::builtin(), *object))
    must(from_protobuf(Schema::builtin(), *encoded).has_value());
  else
    must_be_refusal(encoded.error());
  return 0;
}
