#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"

namespace podwire::cli {
namespace {

/// Verbs whose arguments are names of things that exist.
std::string wanted_by(const std::string& path) {
  for (const auto* verb : {"exec", "logs", "container exec", "container logs", "container inspect",
                           "container rm", "container stop"})
    if (path == verb) return "container";
  if (path == "network inspect" || path == "network rm") return "network";
  if (path == "image inspect" || path == "image rm" || path == "run" || path == "container run")
    return "image";
  return {};
}

void collect(const CLI::App& app, const std::string& path, std::vector<CompletionNode>& out) {
  CompletionNode node{path, {}, wanted_by(path)};
  std::vector<const CLI::App*> below;
  for (const auto* verb : app.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); })) {
    node.words.push_back(verb->get_name());
    below.push_back(verb);
  }
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) node.words.push_back("--" + name);
    for (const auto& name : option->get_snames()) node.words.push_back("-" + name);
  }
  out.push_back(std::move(node));
  for (const auto* verb : below)
    collect(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name(), out);
}

/// A shell case for each place of the tree: `    "network create") words="..." wants="..." ;;`
std::string cases(const std::vector<CompletionNode>& tree) {
  std::string out;
  for (const auto& node : tree)
    out += fmt::format("    \"{}\") words=\"{}\" wants=\"{}\" ;;\n", node.path, fmt::join(node.words, " "),
                       node.wants);
  return out;
}

std::string paths(const std::vector<CompletionNode>& tree) {
  std::string out;
  for (const auto& node : tree)
    if (!node.path.empty()) out += fmt::format("{}\"{}\"", out.empty() ? "" : "|", node.path);
  return out;
}

/// Shared by bash and zsh: which place of the tree do these words lead to, and what may come next.
constexpr const char* kPosix = R"sh(_podwire_words() {{
  local place="" word words="" wants=""
  for word in "$@"; do
    case "${{place:+$place }}$word" in
    {paths}) place="${{place:+$place }}$word" ;;
    esac
  done
  case "$place" in
{cases}  esac
  printf '%s\n' ${{=words}}
  case "$wants" in
    container) podwire container ls -a -o json 2>/dev/null | sed -n 's/^    "Name": "\(.*\)",*$/\1/p' ;;
    network) podwire network ls -o json 2>/dev/null | sed -n 's/^    "Name": "\(.*\)",*$/\1/p' ;;
    image) podwire image ls 2>/dev/null | sed -n '2,$s/^\([^ <]*:[^ ]*\) .*/\1/p'; printf '%s\n' alpine busybox host ;;
  esac
}}
)sh";

std::string posix(const std::vector<CompletionNode>& tree, bool zsh) {
  std::string out =
      fmt::format(fmt::runtime(kPosix), fmt::arg("paths", paths(tree)), fmt::arg("cases", cases(tree)));
  // zsh splits a variable into words only when told; bash does it by itself.
  if (const auto at = out.find("${=words}"); !zsh && at != std::string::npos) out.replace(at, 9, "$words");
  return out;
}

std::string bash(const std::vector<CompletionNode>& tree) {
  return "# bash completion of podwire: source <(podwire completion bash)\n" + posix(tree, false) +
         R"sh(_podwire() {
  local current="${COMP_WORDS[COMP_CWORD]}"
  mapfile -t COMPREPLY < <(compgen -W "$(_podwire_words "${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "$current")
}
complete -o default -F _podwire podwire
)sh";
}

std::string zsh(const std::vector<CompletionNode>& tree) {
  return "#compdef podwire\n# zsh completion of podwire: source <(podwire completion zsh)\n" +
         posix(tree, true) +
         R"sh(_podwire() {
  local -a found
  found=(${(f)"$(_podwire_words ${words[2,CURRENT-1]})"})
  compadd -- $found
}
compdef _podwire podwire
)sh";
}

std::string fish(const std::vector<CompletionNode>& tree) {
  std::string out =
      "# fish completion of podwire: podwire completion fish | source\n"
      "function __podwire_at\n"
      "  set -l words (commandline -opc)[2..]\n"
      "  set -l place\n"
      "  for word in $words\n"
      "    set -l next (string join ' ' $place $word)\n"
      "    contains -- \"$next\" $__podwire_places; and set -a place $word\n"
      "  end\n"
      "  test (string join ' ' $place) = \"$argv[1]\"\n"
      "end\nset -g __podwire_places";
  for (const auto& node : tree)
    if (!node.path.empty()) out += fmt::format(" '{}'", node.path);
  out += "\n";
  for (const auto& node : tree)
    out += fmt::format("complete -c podwire -n \"__podwire_at '{}'\" -a '{}'\n", node.path,
                       fmt::join(node.words, " "));
  return out;
}

}  // namespace

std::vector<CompletionNode> completion_tree(const CLI::App& root) {
  std::vector<CompletionNode> out;
  collect(root, "", out);
  return out;
}

std::string completion_script(const std::vector<CompletionNode>& tree, const std::string& shell) {
  if (shell == "bash") return bash(tree);
  if (shell == "zsh") return zsh(tree);
  if (shell == "fish") return fish(tree);
  return {};
}

void add_completion(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "completion", "Print a completion script for a shell",
                        "  source <(podwire completion bash)\n"
                        "  podwire completion zsh > ~/.zsh/_podwire\n"
                        "  podwire completion fish | source");
  auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->callback([=, &app] {
    auto script = completion_script(completion_tree(app), *shell);
    script.pop_back();  // print_line ends it
    print_line(script);
  });
}

}  // namespace podwire::cli
