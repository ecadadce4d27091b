#include "cni/resolv_conf.h"

#include "base/file.h"

namespace podwire::cni {
namespace {

/// Takes the next word off the front of a line; empty at its end.
std::string_view next_word(std::string_view& line) {
  const auto start = line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return line = {};
  line.remove_prefix(start);
  const auto word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

Dns parse_resolv_conf(std::string_view text) {
  Dns dns;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto key = next_word(line);
    auto* list = key == "nameserver" ? &dns.nameservers : key == "search" ? &dns.search : &dns.options;
    if (key == "domain") dns.domain = next_word(line);
    if (key == "search") dns.search.clear();  // resolv.conf(5): the last one counts
    if (key != "nameserver" && key != "search" && key != "options") continue;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) list->emplace_back(word);
  }
  return dns;
}

Result<Dns> read_resolv_conf(const std::string& path) {
  return parse_resolv_conf(TRY(read_file(path, 65536)));
}

}  // namespace podwire::cni
