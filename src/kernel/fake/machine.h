#pragma once
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/fake/namespace.h"
#include "kernel/netns/netns.h"

namespace podwire::kernel::fake {

/// The name under which a Machine keeps the namespace that the process itself is in.
inline constexpr std::string_view kCurrent = "current";

/// All namespaces of a fake kernel, its journal and its one fault to come. Adapters share it.
class Machine {
 public:
  Machine();

  std::shared_ptr<Namespace> add(const std::string& name);
  /// Ends a namespace: its devices go, and the other ends of its veths. Unknown name: nothing happens.
  void remove(const std::string& name);
  /// nullptr when there is none. "" is the current one.
  [[nodiscard]] std::shared_ptr<Namespace> find(const std::string& name) const;
  /// The same for adapters: ENOENT when it is not there (any more).
  [[nodiscard]] Result<std::shared_ptr<Namespace>> need(const NetNs& netns) const;
  /// All, in order of their names.
  [[nodiscard]] const std::map<std::string, std::shared_ptr<Namespace>>& all() const { return namespaces_; }

  void fail_call(std::uint64_t nth, int err);
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] const std::vector<std::string>& journal() const { return journal_; }

  /// Runs one mutating call: counts it, writes it into the journal with how it ended, or fails it without
  /// effect when it is the one that fail_call() chose.
  template <class Change>
  auto mutate(std::string call, Change&& change) -> decltype(change()) {
    ++calls_;
    if (fault_at_ == calls_) {
      journal_.push_back(fmt::format("{}: {} (injected)", call, std::strerror(fault_errno_)));
      return fail(call, {}, fault_errno_, "injected fault");
    }
    auto result = std::forward<Change>(change)();
    journal_.push_back(result ? std::move(call)
                              : fmt::format("{}: {}", call, std::strerror(result.error().sys_errno)));
    return result;
  }

 private:
  std::map<std::string, std::shared_ptr<Namespace>> namespaces_;
  std::vector<std::string> journal_;
  std::uint64_t calls_ = 0;
  std::uint64_t fault_at_ = 0;
  int fault_errno_ = 0;
};

}  // namespace podwire::kernel::fake
