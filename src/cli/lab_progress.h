#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace podwire::cli {

/// Shows how nodes get on: on a terminal a line a node that is written anew in place (or one line for many
/// nodes); elsewhere a line each time that a node is Ready or in trouble.
class LabProgress {
 public:
  explicit LabProgress(bool terminal) : terminal_(terminal), start_(std::chrono::steady_clock::now()) {}

  /// What is to be written now.
  [[nodiscard]] std::string tell(const std::string& node, const std::string& state,
                                 const std::string& trouble);
  [[nodiscard]] double seconds() const;
  [[nodiscard]] std::size_t ready() const;

 private:
  struct Line {
    std::string node, state, trouble;
  };
  [[nodiscard]] std::string drawn() const;

  bool terminal_;
  std::chrono::steady_clock::time_point start_;
  std::vector<Line> lines_;
  std::size_t drawn_lines_ = 0;
};

}  // namespace podwire::cli
