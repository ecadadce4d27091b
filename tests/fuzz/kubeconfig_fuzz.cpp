#include <cstddef>
#include <cstdint>
#include <string_view>

#include "client/kubeconfig.h"
#include "client/yaml_reader.h"

// YAML that anybody may have written, and what a kubeconfig of it would say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(podwire::client::json_from_yaml(text));
  // A fuzzer does not read the files that its inputs name.
  if (text.find("certificate") == std::string_view::npos && text.find("client-key") == std::string_view::npos)
    static_cast<void>(podwire::client::parse_kubeconfig(text, "/nonexistent/config"));
  return 0;
}
