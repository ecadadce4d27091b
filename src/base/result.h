#pragma once
#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace podwire {

/// What failed, on what, and why: "add route 10.1.2.0/24 via 192.0.2.2: File exists (kernel: ...)".
/// A diagnosis for a person; code decides by `sys_errno` only. Value type, no allocation beyond its strings.
struct Error {
  std::string verb;    ///< what was tried: "add route"
  std::string object;  ///< on what: "10.1.2.0/24 via 192.0.2.2"
  int sys_errno = 0;   ///< errno of the failed call, 0 where no system call failed
  std::string detail;  ///< the kernel's extended ack text, or a sentence that says what to do next

  /// One line, no trailing full stop or newline.
  [[nodiscard]] std::string message() const;
  /// The same error seen from one caller further up: "ADD of pod-1: <message>".
  [[nodiscard]] Error in(std::string_view context) &&;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an Error. Never throws for what can fail in the world; exceptions are left for bugs.
/// Three uses: `auto x = TRY(f());` passes the error up; `if (auto r = f(); !r) ... r.error()` handles it;
/// `return fail("verb", "object", errno)` makes one.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Makes an Error to return. `err` is an errno value (positive) or 0.
[[nodiscard]] inline std::unexpected<Error> fail(std::string_view verb, std::string_view object = {},
                                                 int err = 0, std::string_view detail = {}) {
  return std::unexpected(Error{std::string(verb), std::string(object), err, std::string(detail)});
}

/// Teardown goes on past errors and reports them all.
class ErrorList {
 public:
  void add(Error e) { errors_.push_back(std::move(e)); }
  template <class T>
  void check(Result<T> r) {
    if (!r) errors_.push_back(std::move(r.error()));
  }
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }
  /// Success when nothing was added, else one Error that joins all messages with "; ".
  [[nodiscard]] Result<> result() const;

 private:
  std::vector<Error> errors_;
};

namespace detail {
template <class R>
decltype(auto) take(R&& r) {
  if constexpr (!std::is_void_v<typename std::remove_cvref_t<R>::value_type>) return *std::forward<R>(r);
}
}  // namespace detail

}  // namespace podwire

/// `auto x = TRY(expr);` is the value of expr, or returns its Error from this function.
#define TRY(...)                                                              \
  ({                                                                          \
    auto try_result_ = (__VA_ARGS__);                                         \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    ::podwire::detail::take(std::move(try_result_));                          \
  })
