#include <fmt/core.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "cni/invocation.h"
#include "cni/netconf.h"
#include "cni/verbs.h"
#include "standin/run.h"

namespace {
using namespace podwire;
using namespace podwire::cni;

int print(const boost::json::object& o, int status) {
  const std::string text = boost::json::serialize(o) + "\n";
  if (!write_all(Fd(1), text)) return 1;
  return status;
}

int print_error(const CniError& e, std::string_view version) { return print(encode_error(e, version), 1); }

CniResult<boost::json::object> run(const Invocation& invocation, const NetConf& conf) {
  const Call call{kernel::real_host(), invocation, conf};
  switch (invocation.command) {
    case Command::add: {
      const auto result = TRY(add(call));
      auto encoded = encode_result(result, conf.cni_version);
      // An attachment that the asked version has no words for must not stay.
      if (!encoded)
        if (const auto undone = del(call); !undone) encoded.error().details += "undo: " + undone.error().msg;
      return encoded;
    }
    case Command::del:
      TRY(del(call));
      break;
    case Command::check:
      TRY(check(call));
      break;
    case Command::gc:
      TRY(gc(call));
      break;
    case Command::status:
      TRY(status(call));
      break;
    case Command::version:
      break;
  }
  return boost::json::object{};
}

/// VERSION must work without a configuration: what stdin says only chooses the answer's cniVersion.
int print_versions(std::string_view input) {
  boost::json::object out{{"cniVersion", asked_version(input)}};
  boost::json::array all;
  for (const auto& v : supported_versions()) all.push_back(boost::json::string(v));
  out["supportedVersions"] = std::move(all);
  return print(out, 0);
}

}  // namespace

int main(int argc, char** argv) {
  // A runtime gives a plugin no arguments. This is the one of our files that runs in any image by itself, so
  // it also plays the programs of the images that nobody has.
  if (argc > 1 && std::string_view(argv[1]) == "stand-in")
    return standin::run_stand_in({argv + 2, argv + argc});
  const auto invocation =
      parse_invocation([](const char* name) { return static_cast<const char*>(std::getenv(name)); });
  if (!invocation) return print_error(invocation.error(), supported_versions().back());
  const auto input = read_all(Fd(0), kLargestConfig + 1);
  if (invocation->command == Command::version) return print_versions(input ? *input : "");
  if (!input) {
    const auto code = input.error().sys_errno == EFBIG ? Code::decode_failure : Code::io_failure;
    return print_error({code, "the configuration on standard input: " + input.error().message(), ""},
                       supported_versions().back());
  }
  const auto conf = parse_netconf(*input, *invocation);
  if (!conf) return print_error(conf.error(), asked_version(*input));
  const auto result = run(*invocation, *conf);
  if (!result) return print_error(result.error(), conf->cni_version);
  return result->empty() ? 0 : print(*result, 0);
}
