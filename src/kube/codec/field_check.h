#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// Walks an object beside its message and makes it what Go's decoder would have kept of it. Costs one pass,
/// and no memory but where something is wrong.
class FieldCheck {
 public:
  /// What becomes of zeros, and of empty lists and maps, of fields that are neither pointers nor required: Go
  /// does not keep them.
  enum class Zeros : std::uint8_t { drop, keep };
  explicit FieldCheck(Zeros zeros) : zeros_(zeros) {}

  /// A refusal is the reason alone: "json: cannot unmarshal string into Go struct field ...".
  Answer<> object(const Message& message, json::object& object) { return walk(message, object, nullptr); }
  /// `unknown field "spec.ports[0].x"`, in the order found.
  [[nodiscard]] std::vector<std::string> take_unknown() { return std::move(unknown_); }

 private:
  /// A step of the path from the root; lives on the stack while what is below it is checked.
  struct Step {
    const Step* up = nullptr;
    std::string_view name;           ///< of a field, or a map's key
    const Message* owner = nullptr;  ///< of the field; nullptr: a map's key, or an element
    std::size_t index = kNoIndex;

    static constexpr std::size_t kNoIndex = ~std::size_t{0};
  };

  Answer<> walk(const Message& message, json::object& object, const Step* at);
  Answer<> value(const Type& type, json::value& v, const Step& at);
  Answer<> one(const Type& type, json::value& v, const Step& at);
  void report_unknown(std::string_view name, const Step* at);
  static std::string path_of(const Step* at);
  static std::unexpected<Status> wrong_type(const Type& type, const json::value& v, const Step& at);

  Zeros zeros_;
  std::vector<std::string> unknown_;
  std::size_t unknown_bytes_ = 0;
};

}  // namespace podwire::kube
