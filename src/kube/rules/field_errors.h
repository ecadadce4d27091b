#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/status.h"

namespace podwire::kube {

/// Text as Go's %q prints it: quoted, with control characters escaped.
[[nodiscard]] std::string quoted(std::string_view text);

/// A value as Kubernetes shows it in a refusal: text quoted, numbers and truths plain, all else as JSON.
[[nodiscard]] std::string shown(const json::value& value);

/// What is wrong with an object, field by field, in the order found.
class FieldErrors {
 public:
  void add(Cause cause) { causes_.push_back(std::move(cause)); }
  [[nodiscard]] bool empty() const { return causes_.empty(); }
  [[nodiscard]] const std::vector<Cause>& causes() const { return causes_; }

  /// Success, or 422 `Pod "x" is invalid: spec.containers: Required value` (more than one: `[a, b]`).
  /// The kind is a Kind, not a resource ("Deployment", in the group "apps").
  [[nodiscard]] Answer<> answer(std::string_view group, std::string_view kind, std::string_view name) const;

 private:
  std::vector<Cause> causes_;
};

/// Where a value stands in its object: "spec.containers[0].ports[1].name". Holds no memory of its own: names
/// are views of literals or of the object's keys. Deeper than kMaxDepth it stops growing.
class FieldPath {
 public:
  FieldPath() = default;
  FieldPath(const FieldPath& other) { *this = other; }
  FieldPath& operator=(const FieldPath& other) {
    depth_ = other.depth_;
    std::copy_n(other.steps_.begin(), depth_, steps_.begin());
    return *this;
  }

  [[nodiscard]] FieldPath child(std::string_view name) const { return with(name, kName); }
  [[nodiscard]] FieldPath index(std::size_t i) const { return with({}, static_cast<int>(i)); }
  /// A key of a map: labels[app].
  [[nodiscard]] FieldPath key(std::string_view name) const { return with(name, kKey); }
  [[nodiscard]] std::string str() const;

 private:
  static constexpr int kName = -1, kKey = -2;
  static constexpr std::size_t kMaxDepth = 20;
  struct Step {  // trivial: a path is made for each field that is looked at, and only its used steps are
                 // written
    const char* name;
    unsigned length;
    int index;
  };
  [[nodiscard]] FieldPath with(std::string_view name, int index) const {
    FieldPath out = *this;
    if (out.depth_ < kMaxDepth)
      out.steps_[out.depth_++] = {name.data(), static_cast<unsigned>(name.size()), index};
    return out;
  }
  std::array<Step, kMaxDepth> steps_;
  std::uint8_t depth_ = 0;
};

/// A place in an object that is being checked: the value there, if any, its path, and where to say what is
/// wrong with it. Cheap to copy; the object and the FieldErrors must outlive it.
class FieldCursor {
 public:
  /// The whole object: the path is empty.
  FieldCursor(const json::object& root, FieldErrors& errors) : object_(&root), errors_(&errors) {}

  /// Down into an object. Whatever is not there gives a FieldCursor that is not present.
  [[nodiscard]] FieldCursor operator[](std::string_view name) const;
  [[nodiscard]] FieldCursor at_index(std::size_t i) const;
  /// An entry of a map whose keys are data: the path is labels[app].
  [[nodiscard]] FieldCursor key(std::string_view name) const;
  /// The same place, said of a part of it that has no value of its own.
  [[nodiscard]] FieldCursor with_value(const json::value* value) const;

  /// Calls `check(FieldCursor)` for each element of a list; does nothing for anything else.
  template <class Check>
  void each(Check&& check) const {
    const auto* list = array();
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) check(at_index(i));
  }
  /// Calls `check(key, FieldCursor)` for each entry of a map.
  template <class Check>
  void each_entry(Check&& check) const {
    const auto* map = object();
    if (map == nullptr) return;
    for (const auto& entry : *map) check(std::string_view(entry.key()), keyed(entry.key(), &entry.value()));
  }

  /// There and not null.
  [[nodiscard]] bool present() const {
    return object_ != nullptr || (value_ != nullptr && !value_->is_null());
  }
  /// Absent, null, "", [], {}: what Go calls a zero length.
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::int64_t number(std::int64_t otherwise = 0) const;
  [[nodiscard]] bool flag() const;
  [[nodiscard]] bool is_text() const { return value_ != nullptr && value_->is_string(); }
  [[nodiscard]] const json::object* object() const;
  [[nodiscard]] const json::array* array() const;
  [[nodiscard]] const json::value* value() const { return value_; }
  [[nodiscard]] std::string path() const { return path_.str(); }
  [[nodiscard]] FieldErrors& errors() const { return *errors_; }

  // What is wrong here, in the words of apimachinery's field.Error.
  void required(std::string_view detail = {}) const;
  void invalid(std::string_view detail) const;  ///< shows the value that stands here
  void invalid(std::string_view shown_value, std::string_view detail) const;
  void not_supported(std::initializer_list<std::string_view> values) const;
  void forbidden(std::string_view detail) const;
  void duplicate() const;
  void duplicate(std::string_view shown_value) const;
  void not_found() const;
  void too_long(std::size_t max_bytes) const;
  void too_many(std::size_t actual, std::size_t max) const;

 private:
  FieldCursor(const json::value* value, const FieldPath& path, FieldErrors& errors)
      : value_(value), path_(path), errors_(&errors) {}
  [[nodiscard]] FieldCursor keyed(std::string_view key, const json::value* value) const {
    return {value, path_.key(key), *errors_};
  }
  void report(std::string_view reason, std::string message) const;

  const json::object* object_ = nullptr;  // the root
  const json::value* value_ = nullptr;
  FieldPath path_;
  FieldErrors* errors_;
};

}  // namespace podwire::kube
