#include "tests/bench/cni/chain.h"

#include <algorithm>
#include <ranges>

#include "tests/bench/common/host.h"

namespace podwire::bench {

Result<Ran> Chain::call(const Plugin& plugin, const std::string& command, int n,
                        const std::string& prev_result) const {
  std::string config = R"({"cniVersion":"1.0.0","name":")" + network_ + "\",";
  if (!prev_result.empty()) config += "\"prevResult\":" + prev_result + ",";
  if (plugin.publishes)
    config += R"("runtimeConfig":{"portMappings":[{"hostPort":)" + std::to_string(first_port_ + n) +
              R"(,"containerPort":80,"protocol":"tcp"}]},)";
  return run_plugin({command, container(n), plugin.program, config + plugin.config.substr(1)});
}

Result<Ran> Chain::add(int n) {
  if (containers_.insert(n).second) TRY(make_container(container(n)));
  Ran all;
  for (const auto& plugin : plugins_) {
    auto ran = TRY(call(plugin, "ADD", n, all.out));
    all = {all.ms + ran.ms, std::max(all.peak_mib, ran.peak_mib), std::move(ran.out)};
  }
  results_[n] = all.out;
  return all;
}

Result<Ran> Chain::del(int n) {
  Ran all;
  for (const auto& plugin : plugins_ | std::views::reverse) {
    const auto ran = TRY(call(plugin, "DEL", n, results_[n]));
    all = {all.ms + ran.ms, std::max(all.peak_mib, ran.peak_mib), {}};
  }
  results_.erase(n);
  return all;
}

Result<> Chain::remove_containers() {
  for (const int n : containers_) TRY(remove_container(container(n)));
  containers_.clear();
  return {};
}

}  // namespace podwire::bench
