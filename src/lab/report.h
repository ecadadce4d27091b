#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace podwire::lab {

/// One thing that was looked at: what was seen, and whether it is what it should be.
struct Statement {
  bool holds = false;
  std::string seen;      ///< a sentence made of observed values
  std::string expected;  ///< what would hold; shown when it does not
  std::string look;      ///< the command with which a person sees the same; "" when there is none
};

/// A part of a demo, with what was checked in it.
struct StepReport {
  std::string id;
  std::string title;
  std::vector<std::string> commands;  ///< that were run, as a person types them
  std::vector<Statement> statements;
};

/// What a demo found out. Value.
struct Report {
  std::vector<StepReport> steps;
  std::string broken_off;  ///< why it ended early; "" when it went to its end
  int interrupted_by = 0;  ///< the signal that ended it early; 0: none

  [[nodiscard]] std::size_t checked() const;
  [[nodiscard]] std::size_t holding() const;
  /// Every statement holds, there is at least one, and the demo went to its end.
  [[nodiscard]] bool good() const;
  /// "42 statements checked, 42 hold" or "..., 41 hold, 1 does not".
  [[nodiscard]] std::string summary() const;
  /// The whole report as a JSON document, indented.
  [[nodiscard]] std::string json() const;
};

}  // namespace podwire::lab
