// A result as another plugin or an IPAM delegate prints it, read as each version and written as each version.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "cni/netconf.h"
#include "cni/result.h"

using namespace podwire::cni;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_round_trip(const AddResult& result, std::string_view version) {
  const auto written = encode_result(result, version);
  if (!written) {
    must(compare_versions(version, "0.3.0") < 0 && written.error().code == Code::bad_config);
    return;
  }
  const auto text = boost::json::serialize(*written);
  const auto parsed = boost::json::parse(text);
  const auto again = decode_result(parsed.as_object(), version);
  must(again.has_value());
  if (version == "1.1.0") must(*again == result);
  // What a version has no place for is lost once, not more with each plugin of a chain.
  const auto rewritten = encode_result(*again, version);
  must(rewritten && boost::json::serialize(*rewritten) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  boost::system::error_code ec;
  const auto parsed =
      boost::json::parse(boost::json::string_view(reinterpret_cast<const char*>(data), size), ec);
  if (ec || !parsed.is_object()) return 0;
  for (const auto& read_as : supported_versions()) {
    const auto result = decode_result(parsed.get_object(), read_as);
    if (!result) {
      must(result.error().code == Code::bad_config && result.error().msg.starts_with("prevResult"));
      continue;
    }
    for (const auto& written_as : supported_versions()) check_round_trip(*result, written_as);
  }
  return 0;
}
