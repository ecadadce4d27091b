#include "server/health.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace podwire::server {

Health::Verdict Health::ask(std::string_view of, std::string_view check, const Query& query) const {
  const bool ready = of == "readyz";
  if (!check.empty()) {
    const auto it = std::ranges::find_if(
        checks_, [&](const Check& c) { return c.name == check && (ready || !c.for_readiness_only); });
    if (it == checks_.end()) return {404, "404 page not found\n"};
    if (it->passes()) return {200, "ok"};
    return {500, fmt::format("internal server error: {} failed\n", check)};
  }
  std::vector<std::string> excluded;
  for (const auto& [name, value] : query)
    if (name == "exclude") excluded.push_back(fmt::format("\"{}\"", value));
  std::string lines;
  bool well = true;
  for (const auto& c : checks_) {
    if (c.for_readiness_only && !ready) continue;
    if (std::erase(excluded, fmt::format("\"{}\"", c.name)) > 0) {
      lines += fmt::format("[+]{} excluded: ok\n", c.name);
    } else if (c.passes()) {
      lines += fmt::format("[+]{} ok\n", c.name);
    } else {
      well = false;
      lines += fmt::format("[-]{} failed: reason withheld\n", c.name);
    }
  }
  if (!excluded.empty())
    lines += fmt::format("warn: some health checks cannot be excluded: no matches for {}\n",
                         fmt::join(excluded, ", "));
  if (!well) return {500, fmt::format("{}{} check failed\n", lines, of)};
  const bool verbose = std::ranges::any_of(query, [](const auto& p) { return p.first == "verbose"; });
  return {200, verbose ? fmt::format("{}{} check passed\n", lines, of) : "ok"};
}

}  // namespace podwire::server
