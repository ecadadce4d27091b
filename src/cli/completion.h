#pragma once
#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace podwire::cli {

/// One place of the command tree and what may come next there.
struct CompletionNode {
  std::string path;                ///< "network create"; "" is the program itself
  std::vector<std::string> words;  ///< verbs, then options
  std::string wants;               ///< "container", "network", "image", or empty: what a name there means
};

/// The tree as it is, hidden verbs left out.
[[nodiscard]] std::vector<CompletionNode> completion_tree(const CLI::App& root);

/// A script for "bash", "zsh" or "fish"; empty for any other shell.
[[nodiscard]] std::string completion_script(const std::vector<CompletionNode>& tree,
                                            const std::string& shell);

}  // namespace podwire::cli
