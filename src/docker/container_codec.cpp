#include <boost/json/array.hpp>
#include <cerrno>
#include <utility>

#include "docker/container.h"
#include "oci/json_view.h"

namespace podwire::docker {
namespace {

namespace json = boost::json;
using oci::JsonView;

template <class Range, class F>
json::array array_of(const Range& range, F each) {
  json::array out;
  for (const auto& item : range) out.emplace_back(each(item));
  return out;
}
json::array strings(const std::vector<std::string>& from) { return json::array(from.begin(), from.end()); }
std::string text_of(const IpAddr& a) { return a.str(); }
std::string text_of(const Cidr& c) { return c.str(); }

json::object encode(const PublishedPort& p) {
  json::object out{{"hostPort", p.host_port}, {"containerPort", p.container_port}, {"protocol", p.protocol}};
  if (p.host_ip) out["hostIP"] = p.host_ip->str();
  return out;
}

json::object encode(const Attachment& a) {
  json::object out{{"network", a.network},
                   {"up", a.up},
                   {"aliases", strings(a.aliases)},
                   {"ports", array_of(a.ports, [](const PublishedPort& p) { return encode(p); })},
                   {"addresses", array_of(a.addresses, [](const Cidr& c) { return text_of(c); })},
                   {"gateways", array_of(a.gateways, [](const IpAddr& g) { return text_of(g); })},
                   {"mac", a.mac},
                   {"hostLink", a.host_link}};
  if (a.wanted_ip) out["wantedIP"] = a.wanted_ip->str();
  if (a.wanted_mac) out["wantedMac"] = a.wanted_mac->str();
  return out;
}

template <class T>
Result<T> parsed(const JsonView& field) {
  auto value = T::parse(TRY(field.text()));
  if (!value) return std::unexpected(std::move(value.error()).in(field.path()));
  return value;
}
template <class T>
Result<std::vector<T>> parsed_items(const JsonView& field) {
  std::vector<T> out;
  for (const auto& item : TRY(field.items())) out.push_back(TRY(parsed<T>(item)));
  return out;
}

Result<PublishedPort> decode_port(const JsonView& v) {
  PublishedPort out;
  out.host_port = static_cast<std::uint16_t>(TRY(TRY(v.at("hostPort")).number_or(0)));
  out.container_port = static_cast<std::uint16_t>(TRY(TRY(v.at("containerPort")).number_or(0)));
  out.protocol = TRY(TRY(v.at("protocol")).text());
  if (const auto ip = TRY(v.at("hostIP")); !ip.absent()) out.host_ip = TRY(parsed<IpAddr>(ip));
  return out;
}

Result<Attachment> decode_attachment(const JsonView& v) {
  Attachment out;
  out.network = TRY(TRY(v.at("network")).text());
  out.up = TRY(TRY(v.at("up")).flag_or(false));
  out.aliases = TRY(TRY(v.at("aliases")).texts());
  for (const auto& port : TRY(TRY(v.at("ports")).items())) out.ports.push_back(TRY(decode_port(port)));
  out.addresses = TRY(parsed_items<Cidr>(TRY(v.at("addresses"))));
  out.gateways = TRY(parsed_items<IpAddr>(TRY(v.at("gateways"))));
  out.mac = TRY(TRY(v.at("mac")).text_or(""));
  out.host_link = TRY(TRY(v.at("hostLink")).text_or(""));
  if (const auto ip = TRY(v.at("wantedIP")); !ip.absent()) out.wanted_ip = TRY(parsed<IpAddr>(ip));
  if (const auto mac = TRY(v.at("wantedMac")); !mac.absent()) out.wanted_mac = TRY(parsed<Mac>(mac));
  return out;
}

Result<Phase> decode_phase(const JsonView& v) {
  const auto text = TRY(v.text());
  for (const auto phase : {Phase::creating, Phase::running, Phase::exited})
    if (name_of(phase) == text) return phase;
  return fail("read", v.path(), 0, "unknown phase \"" + text + "\"");
}

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::creating:
      return "creating";
    case Phase::running:
      return "running";
    case Phase::exited:
      return "exited";
  }
  std::unreachable();
}

json::object encode_container(const Container& c) {
  json::object labels;
  for (const auto& [key, value] : c.labels) labels[key] = value;
  json::object out{{"id", c.id},
                   {"name", c.name},
                   {"image", c.image},
                   {"imageID", c.image_id},
                   {"created", c.created},
                   {"bootID", c.boot_id},
                   {"hostname", c.hostname},
                   {"args", strings(c.args)},
                   {"env", strings(c.env)},
                   {"cwd", c.cwd},
                   {"user", c.user},
                   {"mounts", array_of(c.mounts,
                                       [](const oci::BindMount& m) {
                                         return json::object{{"source", m.source},
                                                             {"destination", m.destination},
                                                             {"readOnly", m.read_only}};
                                       })},
                   {"labels", std::move(labels)},
                   {"terminal", c.terminal},
                   {"interactive", c.interactive},
                   {"detached", c.detached},
                   {"removeAtEnd", c.remove_at_end},
                   {"attachment", encode(c.attachment)},
                   {"phase", name_of(c.phase)},
                   {"keeper", {{"pid", c.keeper.pid}, {"start", static_cast<std::int64_t>(c.keeper.start)}}},
                   {"started", c.started},
                   {"finished", c.finished}};
  if (c.exit_code) out["exitCode"] = *c.exit_code;
  if (!c.error.empty()) out["error"] = c.error;
  return out;
}

Result<Container> decode_container(std::string_view text) {
  const auto document = TRY(oci::parse_json(text, "container"));
  const JsonView v(document, "container");
  Container out;
  out.id = TRY(TRY(v.at("id")).text());
  out.name = TRY(TRY(v.at("name")).text());
  out.image = TRY(TRY(v.at("image")).text_or(""));
  out.image_id = TRY(TRY(v.at("imageID")).text_or(""));
  out.created = TRY(TRY(v.at("created")).text_or(""));
  out.boot_id = TRY(TRY(v.at("bootID")).text_or(""));
  out.hostname = TRY(TRY(v.at("hostname")).text_or(""));
  out.args = TRY(TRY(v.at("args")).texts());
  out.env = TRY(TRY(v.at("env")).texts());
  out.cwd = TRY(TRY(v.at("cwd")).text_or("/"));
  out.user = TRY(TRY(v.at("user")).text_or(""));
  for (const auto& mount : TRY(TRY(v.at("mounts")).items()))
    out.mounts.push_back({TRY(TRY(mount.at("source")).text()), TRY(TRY(mount.at("destination")).text()),
                          TRY(TRY(mount.at("readOnly")).flag_or(false))});
  out.labels = TRY(TRY(v.at("labels")).text_map());
  out.terminal = TRY(TRY(v.at("terminal")).flag_or(false));
  out.interactive = TRY(TRY(v.at("interactive")).flag_or(false));
  out.detached = TRY(TRY(v.at("detached")).flag_or(false));
  out.remove_at_end = TRY(TRY(v.at("removeAtEnd")).flag_or(false));
  out.attachment = TRY(decode_attachment(TRY(v.at("attachment"))));
  out.phase = TRY(decode_phase(TRY(v.at("phase"))));
  const auto keeper = TRY(v.at("keeper"));
  out.keeper.pid = static_cast<pid_t>(TRY(TRY(keeper.at("pid")).number_or(0)));
  out.keeper.start = static_cast<std::uint64_t>(TRY(TRY(keeper.at("start")).number_or(0)));
  out.started = TRY(TRY(v.at("started")).text_or(""));
  out.finished = TRY(TRY(v.at("finished")).text_or(""));
  if (const auto code = TRY(v.at("exitCode")); !code.absent())
    out.exit_code = static_cast<int>(TRY(code.number_or(0)));
  out.error = TRY(TRY(v.at("error")).text_or(""));
  return out;
}

}  // namespace podwire::docker
