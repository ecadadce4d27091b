#include "kube/codec/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cstdint>
#include <limits>
#include <unordered_set>

namespace podwire::kube {
namespace {

using json::error_code;
using Text = json::string_view;

/// What a reader of JSON events ignores unless it says otherwise.
struct Ignore {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  // NOLINTBEGIN(readability-convert-member-functions-to-static): the parser calls them on an object
  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_number_part(Text, error_code&) { return true; }
  bool on_comment_part(Text, error_code&) { return true; }
  bool on_comment(Text, error_code&) { return true; }
  // NOLINTEND(readability-convert-member-functions-to-static)
};

/// Builds the tree. Of each object it keeps the hashes of its keys until the object ends: two that are the
/// same mean that the text deserves a second look.
class TreeBuilder : public Ignore {
 public:
  [[nodiscard]] json::value release() { return values_.release(); }
  [[nodiscard]] bool may_have_duplicates() const { return may_have_duplicates_; }
  TreeBuilder() { values_.reset(); }

  bool on_object_begin(error_code&) {
    starts_.push_back(hashes_.size());
    return true;
  }
  bool on_object_end(std::size_t n, error_code&) {
    const auto first = hashes_.begin() + static_cast<std::ptrdiff_t>(starts_.back());
    std::sort(first, hashes_.end());
    if (std::adjacent_find(first, hashes_.end()) != hashes_.end()) may_have_duplicates_ = true;
    hashes_.erase(first, hashes_.end());
    starts_.pop_back();
    values_.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    values_.push_array(n);
    return true;
  }
  bool on_key_part(Text s, std::size_t, error_code&) {
    values_.push_chars(s);
    mix(s);
    return true;
  }
  bool on_key(Text s, std::size_t, error_code&) {
    values_.push_key(s);
    mix(s);
    hashes_.push_back(hash_);
    hash_ = kHashStart;
    return true;
  }
  bool on_string_part(Text s, std::size_t, error_code&) {
    values_.push_chars(s);
    return true;
  }
  bool on_string(Text s, std::size_t, error_code&) {
    values_.push_string(s);
    return true;
  }
  bool on_int64(std::int64_t i, Text, error_code&) {
    values_.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, Text, error_code&) {
    values_.push_uint64(u);
    return true;
  }
  bool on_double(double d, Text, error_code&) {
    values_.push_double(d);
    return true;
  }
  bool on_bool(bool b, error_code&) {
    values_.push_bool(b);
    return true;
  }
  bool on_null(error_code&) {
    values_.push_null();
    return true;
  }

 private:
  static constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;  // FNV-1a
  void mix(Text s) {
    for (const char c : s) hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  }

  json::value_stack values_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::size_t> starts_;
  std::uint64_t hash_ = kHashStart;
  bool may_have_duplicates_ = false;
};

/// Finds each key that stands twice in its object, and where.
class DuplicateFinder : public Ignore {
 public:
  [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

  bool on_object_begin(error_code&) {
    open_.push_back({.is_array = false});
    return true;
  }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code&) {
    open_.push_back({.is_array = true});
    return true;
  }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_key_part(Text s, std::size_t, error_code&) {
    key_ += s;
    return true;
  }
  bool on_key(Text s, std::size_t, error_code&) {
    key_ += s;
    auto& object = open_.back();
    object.key = std::move(key_);
    key_.clear();
    if (!object.seen.insert(object.key).second) report();
    return true;
  }
  bool on_string_part(Text, std::size_t, error_code&) { return true; }
  bool on_string(Text, std::size_t, error_code&) { return next(); }
  bool on_int64(std::int64_t, Text, error_code&) { return next(); }
  bool on_uint64(std::uint64_t, Text, error_code&) { return next(); }
  bool on_double(double, Text, error_code&) { return next(); }
  bool on_bool(bool, error_code&) { return next(); }
  bool on_null(error_code&) { return next(); }

 private:
  struct Open {
    bool is_array = false;
    std::size_t index = 0;  ///< of the element that is being read
    std::string key;        ///< of the value that is being read
    std::unordered_set<std::string> seen;
  };

  bool next() {
    if (!open_.empty()) ++open_.back().index;
    return true;
  }
  bool close() {
    open_.pop_back();
    return next();
  }
  void report() {
    if (found_.size() >= kMaxProblems || bytes_ >= kMaxProblemBytes) return;
    std::string path;
    for (const auto& level : open_) {
      if (level.is_array)
        path += fmt::format("[{}]", level.index);
      else
        path += (path.empty() ? "" : ".") + level.key;
    }
    auto problem = fmt::format("duplicate field \"{}\"", path);
    if (std::ranges::find(found_, problem) != found_.end()) return;
    bytes_ += problem.size();
    found_.push_back(std::move(problem));
  }

  std::vector<Open> open_;
  std::string key_;
  std::vector<std::string> found_;
  std::size_t bytes_ = 0;
};

constexpr json::parse_options kOptions = [] {
  json::parse_options out;
  out.max_depth = kMaxJsonDepth;
  return out;
}();

}  // namespace

Answer<ParsedJson> parse_json(std::string_view text) {
  error_code error;
  json::basic_parser<TreeBuilder> parser(kOptions);
  const auto read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (error == json::error::too_deep)
    return bad_request(fmt::format("json parse error: nested deeper than {} levels", kMaxJsonDepth));
  if (error) return bad_request(fmt::format("json parse error: {} at byte {}", error.message(), read));
  ParsedJson out{.value = parser.handler().release()};
  if (!parser.handler().may_have_duplicates()) return out;
  json::basic_parser<DuplicateFinder> finder(kOptions);
  finder.write_some(false, text.data(), text.size(), error);
  out.duplicates = finder.handler().take();
  return out;
}

}  // namespace podwire::kube
