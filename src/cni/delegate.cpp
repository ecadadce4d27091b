#include "cni/delegate.h"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/process.h"

namespace podwire::cni {
namespace {

CniError error_of(const std::string& type, const Output& output) {
  boost::system::error_code ec;
  const auto parsed = boost::json::parse(output.out, ec);
  const std::string who = "plugin \"" + type + "\": ";
  if (!ec && parsed.is_object()) {
    const auto& o = parsed.get_object();
    const auto* code = o.if_contains("code");
    const auto* msg = o.if_contains("msg");
    const auto* details = o.if_contains("details");
    if (code != nullptr && code->is_number() && msg != nullptr && msg->is_string())
      return {
          static_cast<Code>(code->to_number<unsigned>(ec)), who + std::string(msg->get_string()),
          details != nullptr && details->is_string() ? std::string(details->get_string()) : std::string()};
  }
  return {Code::delegate_failed, who + "exit status " + std::to_string(output.status), output.out};
}

std::vector<std::string> environment_for(Command command) {
  std::vector<std::string> env;
  for (char** e = environ; *e != nullptr; ++e)
    if (!std::string_view(*e).starts_with("CNI_COMMAND=")) env.emplace_back(*e);
  env.push_back("CNI_COMMAND=" + std::string(name_of(command)));
  return env;
}

}  // namespace

CniResult<std::string> run_delegate(const Call& call, const std::string& type, Command command) {
  if (type.find('/') != std::string::npos)
    return refuse(Code::bad_config, "ipam.type: \"" + type + "\" is no plugin name");
  std::string program;
  for (const auto& dir : call.invocation.path) {
    program = dir;
    program.append("/").append(type);
    if (::access(program.c_str(), X_OK) == 0) break;
    program.clear();
  }
  if (program.empty())
    return refuse(Code::bad_config, "ipam.type: no plugin \"" + type + "\" in CNI_PATH",
                  call.invocation.path.empty() ? "CNI_PATH is empty" : "");
  auto output = TRY(as_cni(run({.argv = {program},
                                .env = environment_for(command),
                                .input = boost::json::serialize(call.conf.raw),
                                .inherit_stderr = true}),
                           Code::delegate_failed));
  if (output.status != 0) return std::unexpected(error_of(type, output));
  return std::move(output.out);
}

}  // namespace podwire::cni
