#include "kernel/fake/namespace.h"

#include <fmt/format.h>

#include <cerrno>

namespace podwire::kernel::fake {

Device* Namespace::find(int index) {
  const auto it = devices.find(index);
  return it == devices.end() ? nullptr : &it->second;
}

Device* Namespace::find(std::string_view wanted) {
  for (auto& [index, device] : devices)
    if (device.link.name == wanted) return &device;
  return nullptr;
}

Result<Device*> Namespace::need(std::string_view verb, int index) {
  if (Device* device = find(index)) return device;
  return fail(verb, fmt::format("link {}", index), ENODEV);
}

std::string Namespace::name_of(int index) const {
  const auto it = devices.find(index);
  return it == devices.end() ? fmt::format("#{}", index) : it->second.link.name;
}

}  // namespace podwire::kernel::fake
