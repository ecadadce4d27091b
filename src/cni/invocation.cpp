#include "cni/invocation.h"

#include <algorithm>

namespace podwire::cni {
namespace {

struct CommandName {
  std::string_view name;
  Command command;
};
constexpr CommandName kCommands[] = {{"ADD", Command::add},       {"DEL", Command::del},
                                     {"CHECK", Command::check},   {"GC", Command::gc},
                                     {"STATUS", Command::status}, {"VERSION", Command::version}};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The arguments that the specification's conventions and Kubernetes' runtimes know.
bool is_known_argument(std::string_view key) {
  return key == "IgnoreUnknown" || key == "IP" || key == "MAC" || key.starts_with("K8S_POD_");
}

/// Reads one variable after the other and remembers every one that is missing or bad.
class Environment {
 public:
  explicit Environment(const std::function<const char*(const char*)>& get) : get_(get) {}

  std::string value(const char* name) const {
    const char* text = get_(name);
    return text == nullptr ? std::string() : std::string(text);
  }
  std::string needed(const char* name) {
    auto text = value(name);
    if (text.empty()) blame(std::string(name) + " is missing");
    return text;
  }
  void blame(const std::string& what) { blamed_ += (blamed_.empty() ? "" : "; ") + what; }
  [[nodiscard]] const std::string& blamed() const { return blamed_; }

 private:
  const std::function<const char*(const char*)>& get_;
  std::string blamed_;
};

template <class Each>
void split(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(separator));
    if (!part.empty()) each(part);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
}

/// IgnoreUnknown as Go's plugins read it; nullopt: no truth value.
std::optional<bool> truth(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return std::nullopt;
}

void read_arguments(Environment& env, Invocation& out) {
  // DEL has to succeed wherever it can, and needs none of them.
  const bool lenient = out.command == Command::del;
  split(env.value("CNI_ARGS"), ';', [&](std::string_view pair) {
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && equals != 0)
      out.args.insert_or_assign(std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
    else if (!lenient)
      env.blame("CNI_ARGS: \"" + std::string(pair) + "\" is no KEY=VALUE");
  });
  if (lenient) return;
  const auto ignore = out.args.find("IgnoreUnknown");
  const auto ignored = ignore == out.args.end() ? false : truth(ignore->second);
  if (!ignored)
    env.blame("CNI_ARGS: IgnoreUnknown=\"" + ignore->second + "\" is neither 1 nor 0, true nor false");
  if (ignored.value_or(true)) return;
  for (const auto& [key, value] : out.args)
    if (!is_known_argument(key))
      env.blame("CNI_ARGS: " + key + " is unknown (and IgnoreUnknown=1 is not given)");
}

void read_attachment(Environment& env, Invocation& out) {
  out.container_id = env.needed("CNI_CONTAINERID");
  if (!out.container_id.empty() && !valid_container_id(out.container_id))
    env.blame("CNI_CONTAINERID: \"" + out.container_id +
              "\" must be letters, digits, '_', '.' and '-', the first a letter or digit");
  out.ifname = env.needed("CNI_IFNAME");
  if (!out.ifname.empty() && !valid_ifname(out.ifname))
    env.blame("CNI_IFNAME: \"" + out.ifname +
              "\" is no interface name (1-15 bytes, not \".\" or \"..\", no '/', ':', '%' or white space)");
  out.netns = out.command == Command::del ? env.value("CNI_NETNS") : env.needed("CNI_NETNS");
}

}  // namespace

std::string_view name_of(Command command) {
  return std::ranges::find(kCommands, command, &CommandName::command)->name;
}

bool valid_container_id(std::string_view id) {
  return !id.empty() && is_letter_or_digit(id.front()) && std::ranges::all_of(id, [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-';
  });
}

bool valid_ifname(std::string_view name) {
  if (name.empty() || name.size() > 15 || name == "." || name == "..") return false;
  // What the kernel's dev_valid_name() refuses (it takes byte 0xa0 for a space), and '%', where it would fill
  // in a number.
  return name.find_first_of(std::string_view("/:% \t\n\v\f\r\xa0\0", 11)) == std::string_view::npos;
}

CniResult<Invocation> parse_invocation(const std::function<const char*(const char*)>& get) {
  Environment env(get);
  Invocation out;
  const auto name = env.value("CNI_COMMAND");
  if (name.empty()) return refuse(Code::bad_environment, "CNI_COMMAND is missing");
  const auto* known = std::ranges::find(kCommands, name, &CommandName::name);
  if (known == std::end(kCommands))
    return refuse(Code::bad_environment,
                  "CNI_COMMAND: \"" + name + "\" is none of ADD, DEL, CHECK, GC, STATUS and VERSION");
  out.command = known->command;
  split(env.value("CNI_PATH"), ':', [&](std::string_view dir) { out.path.emplace_back(dir); });
  if (out.command == Command::add || out.command == Command::del || out.command == Command::check) {
    read_attachment(env, out);
    read_arguments(env, out);
  }
  if (!env.blamed().empty()) return refuse(Code::bad_environment, env.blamed());
  return out;
}

}  // namespace podwire::cni
