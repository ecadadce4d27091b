#pragma once
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lab/report.h"

namespace podwire::lab {

struct NarratorOptions {
  bool color = false;
  bool text = true;  ///< false: keeps the report and prints nothing
  std::set<std::string>
      only;  ///< ids of the steps to be told; empty: all. Of the others only what fails is printed.
  std::function<void(std::string_view)> print;
  std::function<Result<>()> wait_for_key;  ///< called before each told step but the first; empty: no pauses
};

/// Tells a demo as text of 80 columns, and keeps the report of what was checked. Not thread-safe.
class Narrator {
 public:
  explicit Narrator(NarratorOptions options) : options_(std::move(options)) {}

  void headline(std::string_view title, std::string_view text);
  /// A step begins. Errors: the wait for a key was interrupted.
  Result<> step(const std::string& id, const std::string& title);
  /// An explanation, wrapped.
  void say(std::string_view text);
  /// A command that was run on a machine, as a person types it, and what it printed.
  void command(const std::string& machine, const std::string& line, std::string_view output = {});
  /// Lines that were read or drawn, as they are, indented.
  void show(std::string_view lines);
  /// Something was looked at. See Statement for the words.
  void check(Statement statement);
  /// The demo ends early.
  void break_off(const Error& error);
  void summary();

  [[nodiscard]] const Report& report() const { return report_; }

 private:
  enum class Ink { plain, bold, dim, good, bad, typed };
  void line(std::string_view text, Ink ink = Ink::plain);
  void paragraph(std::string_view text, std::size_t indent, Ink ink = Ink::plain);
  [[nodiscard]] bool told() const;

  NarratorOptions options_;
  Report report_;
  std::size_t told_steps_ = 0;
};

}  // namespace podwire::lab
