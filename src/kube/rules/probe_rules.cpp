#include <fmt/format.h>

#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

void check_http_get(const FieldCursor& http) {
  if (http["path"].empty()) http["path"].required();
  check_port_or_name(http["port"]);
  check_one_of(http["scheme"], {"HTTP", "HTTPS"});
  const auto headers = http["httpHeaders"];
  headers.each([&](const FieldCursor& header) {
    check(headers, header["name"].text(), http_header_name(header["name"].text()));
  });
}

/// What a probe or a hook does: exactly one thing.
void check_handler(const FieldCursor& owner, std::initializer_list<std::string_view> kinds,
                   std::int64_t grace_seconds) {
  int handlers = 0;
  for (const auto kind : kinds) {
    const auto handler = owner[kind];
    if (!handler.present()) continue;
    if (++handlers > 1) {
      handler.forbidden("may not specify more than 1 handler type");
    } else if (kind == "exec") {
      if (handler["command"].empty()) handler["command"].required();
    } else if (kind == "httpGet") {
      check_http_get(handler);
    } else if (kind == "sleep") {
      const auto seconds = handler["seconds"].number();
      if (seconds < 0 || seconds > grace_seconds)
        handler.invalid(fmt::format("{}", seconds),
                        fmt::format("must be non-negative and less than terminationGracePeriodSeconds ({})",
                                    grace_seconds));
    } else {
      check_port_or_name(handler["port"]);
    }
  }
  if (handlers == 0) owner.required("must specify a handler type");
}

void check_probe(const FieldCursor& probe, std::int64_t grace_seconds) {
  check_handler(probe, {"exec", "httpGet", "tcpSocket", "grpc"}, grace_seconds);
  for (const std::string_view key :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"})
    check_non_negative(probe[key]);
  const auto grace = probe["terminationGracePeriodSeconds"];
  if (grace.present() && grace.number() <= 0) grace.invalid("must be greater than 0");
}

}  // namespace

void check_probes(const FieldCursor& container, std::int64_t grace_seconds) {
  for (const std::string_view key : {"postStart", "preStop"})
    if (const auto hook = container["lifecycle"][key]; hook.present())
      check_handler(hook, {"exec", "httpGet", "tcpSocket", "sleep"}, grace_seconds);
  for (const std::string_view key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    const auto probe = container[key];
    if (!probe.present()) continue;
    check_probe(probe, grace_seconds);
    if (key != "readinessProbe" && probe["successThreshold"].number(1) != 1)
      probe["successThreshold"].invalid("must be 1");
    if (key == "readinessProbe" && probe["terminationGracePeriodSeconds"].present())
      probe["terminationGracePeriodSeconds"].invalid("must not be set for readinessProbes");
  }
}

void forbid_probes(const FieldCursor& container, std::string_view why) {
  for (const std::string_view key : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
    if (container[key].present()) container[key].forbidden(why);
}

}  // namespace podwire::kube
