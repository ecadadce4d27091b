#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "cni/error.h"

namespace podwire::cni {

/// One value of a JSON document together with its path, to read it with a check of its type and to name it in
/// an error: `ipam.ranges[0][1].subnet: "10.1.0.0/33" is no CIDR`.
///
/// Keys match without regard to case, as Go's decoder does, and configurations in the wild count on it; the
/// same key in two spellings is refused because nobody could say which one counts. null is the same as a key
/// that is absent. The read functions leave `out` as it is when the field is absent, and refuse a wrong type
/// with `code`.
///
/// Borrows the document: must not outlive it. Errors are code 7 unless the root was made with another.
class Field {
 public:
  explicit Field(const boost::json::object& root, std::string path = {}, Code code = Code::bad_config);

  [[nodiscard]] bool given() const { return object_ != nullptr || (value_ != nullptr && !value_->is_null()); }
  [[nodiscard]] bool is_object() const { return object_ != nullptr; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// The member of that name. Absent when this is absent; an error when this is given and is no object.
  CniResult<Field> member(std::string_view key) const;
  /// Calls `each(const Field&) -> CniResult<>` for every element, null ones too. An error when this is given
  /// and is no list.
  template <class Each>
  CniResult<> each(Each each) const;

  CniResult<> read(std::string& out) const;
  CniResult<> read(bool& out) const;
  CniResult<> read(std::vector<std::string>& out) const;
  CniResult<> read(std::uint64_t& out, std::uint64_t min = 0, std::uint64_t max = ~std::uint64_t{0}) const;
  CniResult<> read(std::uint32_t& out, std::uint32_t min = 0, std::uint32_t max = ~std::uint32_t{0}) const;
  CniResult<> read(std::uint16_t& out, std::uint16_t min = 0, std::uint16_t max = 65535) const;
  CniResult<> read(std::optional<std::uint32_t>& out) const;
  /// "" is taken as absent, as Go's net.IP does.
  CniResult<> read(std::optional<IpAddr>& out) const;
  CniResult<> read(std::optional<Mac>& out) const;
  CniResult<> read(Cidr& out) const;
  CniResult<> read_absolute_path(std::string& out) const;
  /// A string, like read(), but absent or empty is an error.
  CniResult<> require(std::string& out) const;

  /// `<path>: <value> <what>`
  [[nodiscard]] std::unexpected<CniError> refuse(std::string_view what) const;
  [[nodiscard]] std::unexpected<CniError> refuse(Code code, std::string_view what) const;

 private:
  Field(const boost::json::value* value, std::string path, Code code)
      : value_(value),
        object_(value != nullptr ? value->if_object() : nullptr),
        path_(std::move(path)),
        code_(code) {}
  template <class Number>
  CniResult<> read_number(Number& out, Number min, Number max) const;
  template <class Value>
  CniResult<> read_parsed(std::optional<Value>& out, std::string_view kind) const;

  const boost::json::value* value_ = nullptr;    // nullptr: absent, or the root
  const boost::json::object* object_ = nullptr;  // when it is one
  std::string path_;
  Code code_;
};

/// A value as an error shows it: its JSON, cut after 80 bytes.
[[nodiscard]] std::string shown(const boost::json::value& value);

/// Text that is safe to put into a JSON string: bytes that are no UTF-8 become '?'.
[[nodiscard]] std::string as_utf8(std::string_view text);

template <class Each>
CniResult<> Field::each(Each each) const {
  if (!given()) return {};
  if (value_ == nullptr || !value_->is_array()) return refuse("is no list");
  std::size_t i = 0;
  for (const auto& element : value_->get_array()) {
    TRY(each(Field(&element, path_ + "[" + std::to_string(i) + "]", code_)));
    ++i;
  }
  return {};
}

}  // namespace podwire::cni
