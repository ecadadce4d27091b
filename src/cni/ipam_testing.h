#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "cni/ipam_store.h"

/// What the tests of the address store share.
namespace podwire::cni {

/// A directory of its own for each test, gone afterwards; in memory where there is such a place.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const auto memory = std::filesystem::path("/dev/shm");
    const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "podwire-ipam-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline plan::Range range_of(std::string_view subnet, std::string_view first = "",
                            std::string_view last = "") {
  const auto optional = [](std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(IpAddr::parse(text).value());
  };
  return plan::complete({Cidr::parse(subnet).value(), optional(first), optional(last), {}}).value();
}

inline IpAddr addr(std::string_view text) { return IpAddr::parse(text).value(); }

/// Everything below a network's directory but what is meant to stay: lock, boot, hints and tombstones.
inline std::set<std::string> left_in(const std::string& directory) {
  std::set<std::string> out;
  if (!std::filesystem::exists(directory)) return out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const auto name = std::filesystem::relative(entry.path(), directory).string();
    if (name == "lock" || name == "boot" || name == "owners" || name.starts_with("freed") ||
        name.starts_with("last_reserved_ip."))
      continue;
    out.insert(name);
  }
  return out;
}

}  // namespace podwire::cni
