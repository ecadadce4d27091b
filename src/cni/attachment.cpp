#include "cni/attachment.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>

#include "base/hash.h"

namespace podwire::cni {
namespace json = boost::json;

namespace {

constexpr std::string_view kLockName = "lock";
constexpr std::string_view kSharedName = "shared";
constexpr std::string_view kTemporary = ".tmp-";
constexpr std::string_view kNewFile = ".tmp-new";  // one name: a kill leaves one file, not many

/// Container ids, interface names and parts hold no colon; a record's name has two.
bool is_record(std::string_view name) {
  return name.find(':') != std::string_view::npos && !name.starts_with(kTemporary);
}

std::string text(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

bool flag(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v != nullptr && v->is_bool() && v->get_bool();
}

json::array encode_elements(const std::vector<OwnedElement>& elements) {
  json::array out;
  for (const auto& e : elements) {
    json::object o{{"set", e.set}, {"key", e.element.key.hex()}, {"comment", e.element.comment}};
    if (!e.element.key_end.empty()) o["keyEnd"] = e.element.key_end.hex();
    if (!e.element.data.empty()) o["data"] = e.element.data.hex();
    out.push_back(std::move(o));
  }
  return out;
}

Result<std::vector<OwnedElement>> decode_elements(const json::object& record, std::string_view key) {
  std::vector<OwnedElement> out;
  const auto* list = record.if_contains(key);
  if (list == nullptr || !list->is_array()) return out;
  for (const auto& v : list->get_array()) {
    if (!v.is_object()) return fail("read attachment record", key);
    const auto& o = v.get_object();
    OwnedElement e{.set = text(o, "set"), .element = {}};
    e.element.key = TRY(state::NftBytes::from_hex(text(o, "key")));
    e.element.key_end = TRY(state::NftBytes::from_hex(text(o, "keyEnd")));
    e.element.data = TRY(state::NftBytes::from_hex(text(o, "data")));
    e.element.comment = text(o, "comment");
    out.push_back(std::move(e));
  }
  return out;
}

}  // namespace

AttachmentNames names_of(std::string_view network, const Owner& owner) {
  std::string key(network);
  key += '\n' + owner.container_id + '\n' + owner.ifname;
  const std::string tail = stable_name(key, 11);
  AttachmentNames names{.host_link = "veth" + tail, .ifb = "pwbw" + tail, .comment = {}};
  names.comment =
      names.host_link + " " + std::string(network) + "/" + owner.container_id + "/" + owner.ifname;
  if (names.comment.size() > 127) names.comment.resize(127);
  return names;
}

std::string network_comment(std::string_view network) {
  std::string out = "network " + std::string(network);
  if (out.size() > 127) out.resize(127);
  return out;
}

std::string part_of(Role role) { return role == Role::chained ? "chained" : "link"; }

std::string encode_attachment(const Attachment& a) {
  json::object o{{"network", a.network},     {"containerID", a.owner.container_id},
                 {"ifname", a.owner.ifname}, {"part", a.part},
                 {"hostLink", a.host_link},  {"ifb", a.ifb},
                 {"ipamOurs", a.ipam_ours}};
  json::array addresses;
  for (const auto& c : a.addresses) addresses.push_back(json::string(c.str()));
  o["addresses"] = std::move(addresses);
  o["elements"] = encode_elements(a.elements);
  o["networkElements"] = encode_elements(a.network_elements);
  json::array ports;
  for (const auto& p : a.udp_ports) {
    json::object port{{"hostPort", p.host_port}, {"containerPort", p.container_port}};
    if (p.host_ip) port["hostIP"] = p.host_ip->str();
    ports.push_back(std::move(port));
  }
  o["udpPorts"] = std::move(ports);
  return json::serialize(o);
}

Result<Attachment> decode_attachment(std::string_view content) {
  boost::system::error_code ec;
  const json::value parsed = json::parse(json::string_view(content.data(), content.size()), ec);
  if (ec || !parsed.is_object()) return fail("read attachment record", "no JSON object");
  const auto& o = parsed.get_object();
  Attachment a;
  a.network = text(o, "network");
  a.owner = {text(o, "containerID"), text(o, "ifname")};
  a.part = text(o, "part");
  a.host_link = text(o, "hostLink");
  a.ifb = text(o, "ifb");
  if (a.owner.container_id.empty() || a.owner.ifname.empty())
    return fail("read attachment record", "no owner");
  a.ipam_ours = flag(o, "ipamOurs");
  if (const auto* v = o.if_contains("addresses"); v != nullptr && v->is_array())
    for (const auto& c : v->get_array()) {
      if (!c.is_string()) return fail("read attachment record", "addresses");
      a.addresses.push_back(TRY(Cidr::parse(std::string_view(c.get_string()))));
    }
  a.elements = TRY(decode_elements(o, "elements"));
  a.network_elements = TRY(decode_elements(o, "networkElements"));
  if (const auto* v = o.if_contains("udpPorts"); v != nullptr && v->is_array())
    for (const auto& p : v->get_array()) {
      const auto* port = p.is_object() ? p.get_object().if_contains("hostPort") : nullptr;
      if (port == nullptr || !port->is_int64()) return fail("read attachment record", "udpPorts");
      PortMapping m{
          .host_port = static_cast<std::uint16_t>(port->get_int64()), .container_port = 0, .protocol = 17};
      if (const auto ip = text(p.get_object(), "hostIP"); !ip.empty()) m.host_ip = TRY(IpAddr::parse(ip));
      if (const auto* c = p.get_object().if_contains("containerPort"); c != nullptr && c->is_int64())
        m.container_port = static_cast<std::uint16_t>(c->get_int64());
      a.udp_ports.push_back(m);
    }
  return a;
}

AttachmentStore::AttachmentStore(const std::string& data_dir, std::string network)
    : network_(std::move(network)), dir_(data_dir + "/" + network_) {}

std::string AttachmentStore::path(const Owner& owner, std::string_view part) const {
  return dir_ + "/" + owner.container_id + ":" + owner.ifname + ":" + std::string(part);
}

Result<FileLock> AttachmentStore::lock() const {
  auto lock = FileLock::acquire(dir_ + "/" + std::string(kLockName));
  if (lock || lock.error().sys_errno != ENOENT) return lock;
  TRY(make_directories(dir_));
  return FileLock::acquire(dir_ + "/" + std::string(kLockName));
}

bool AttachmentStore::there() const { return file_exists(dir_); }

Result<> AttachmentStore::replace(const std::string& file, std::string_view content) const {
  const std::string temporary = dir_ + "/" + std::string(kNewFile);
  {
    const auto fd = TRY(open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    TRY(write_all(fd.get(), content));
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) return fail("rename to", file, errno);
  return {};
}

Result<> AttachmentStore::write(const Attachment& a) const {
  return replace(path(a.owner, a.part), encode_attachment(a));
}

Result<std::optional<Attachment>> AttachmentStore::read(const Owner& owner, std::string_view part) const {
  auto content = read_file(path(owner, part), 1 << 20);
  if (!content && content.error().sys_errno == ENOENT) return std::nullopt;
  if (!content) return std::unexpected(std::move(content.error()));
  auto a = decode_attachment(*content);
  if (!a) return std::nullopt;
  return std::move(*a);
}

Result<> AttachmentStore::remove(const Owner& owner, std::string_view part) const {
  TRY(remove_file(path(owner, part)));
  TRY(remove_file(dir_ + "/" + std::string(kNewFile)));
  return {};
}

Result<> AttachmentStore::share(const std::vector<OwnedElement>& elements) const {
  auto known = TRY(shared());
  const auto before = known.size();
  for (const auto& e : elements)
    if (std::ranges::find(known, e) == known.end()) known.push_back(e);
  if (known.size() == before) return {};
  const json::object o{{"networkElements", encode_elements(known)}};
  return replace(dir_ + "/" + std::string(kSharedName), json::serialize(o));
}

Result<std::vector<OwnedElement>> AttachmentStore::shared() const {
  auto content = read_file(dir_ + "/" + std::string(kSharedName), 1 << 20);
  if (!content && content.error().sys_errno == ENOENT) return std::vector<OwnedElement>{};
  if (!content) return std::unexpected(std::move(content.error()));
  boost::system::error_code ec;
  const json::value parsed = json::parse(*content, ec);
  if (ec || !parsed.is_object()) return std::vector<OwnedElement>{};  // somebody else wrote there
  return decode_elements(parsed.get_object(), "networkElements");
}

Result<> AttachmentStore::unshare() const {
  TRY(remove_file(dir_ + "/" + std::string(kSharedName)));
  return {};
}

Result<std::vector<Attachment>> AttachmentStore::all() const {
  std::vector<Attachment> out;
  for (const auto& name : TRY(list_directory(dir_))) {
    if (!is_record(name)) continue;
    auto content = read_file(dir_ + "/" + name, 1 << 20);
    if (!content) continue;  // deleted meanwhile
    if (auto a = decode_attachment(*content)) out.push_back(std::move(*a));
  }
  return out;
}

Result<bool> AttachmentStore::is_last(const Owner& owner, std::string_view part) const {
  const std::string own = path(owner, part).substr(dir_.size() + 1);
  return std::ranges::none_of(TRY(list_directory(dir_)),
                              [&](const auto& name) { return is_record(name) && name != own; });
}

Result<> AttachmentStore::sweep() const {
  for (const auto& name : TRY(list_directory(dir_))) {
    if (name == kLockName || name == kSharedName) continue;
    const std::string file = dir_ + "/" + name;
    const auto content = read_file(file, 1 << 20);
    if (name.starts_with(kTemporary) || (content && !decode_attachment(*content))) TRY(remove_file(file));
  }
  return {};
}

}  // namespace podwire::cni
