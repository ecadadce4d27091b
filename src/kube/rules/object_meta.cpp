#include "kube/rules/object_meta.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

constexpr std::size_t kAnnotationBytes = 256UZ * 1024;
constexpr std::array<std::string_view, 3> kStandardFinalizers{"kubernetes", "orphan", "foregroundDeletion"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

void check_finalizers(const FieldCursor& finalizers) {
  bool orphan = false, foreground = false;
  finalizers.each([&](const FieldCursor& one) {
    const auto name = one.text();
    check(finalizers, name, qualified_name(name));
    orphan = orphan || name == "orphan";
    foreground = foreground || name == "foregroundDeletion";
  });
  if (orphan && foreground) finalizers.invalid("finalizer orphan and foregroundDeletion cannot be both set");
  finalizers.each([&](const FieldCursor& one) {
    if (!one.text().contains('/') &&
        std::ranges::find(kStandardFinalizers, one.text()) == kStandardFinalizers.end())
      one.invalid("name is neither a standard finalizer name nor is it fully qualified");
  });
}

void check_owner(const FieldCursor& owners, const FieldCursor& owner) {
  // Kubernetes names the list, not the entry.
  const auto part = [&](std::string_view name) { return owners[name].with_value(owner[name].value()); };
  if (owner["apiVersion"].empty()) part("apiVersion").invalid("version must not be empty");
  for (const std::string_view name : {"kind", "name", "uid"})
    if (owner[name].empty()) part(name).invalid("must not be empty");
  if (owner["apiVersion"].text() == "v1" && owner["kind"].text() == "Event")
    owners.invalid(shown(*owner.value()), "/v1, Kind=Event is disallowed from being an owner");
}

void check_owners(const FieldCursor& owners) {
  std::string controller;
  owners.each([&](const FieldCursor& owner) {
    check_owner(owners, owner);
    if (!owner["controller"].flag()) return;
    auto name = fmt::format("{}/{}", owner["kind"].text(), owner["name"].text());
    if (!controller.empty())
      owners.invalid(
          fmt::format("Only one reference can have Controller set to true. Found \"true\" in "
                      "references for {} and {}",
                      controller, name));
    else
      controller = std::move(name);
  });
}

bool is_nothing(const json::value* value) {
  if (value == nullptr || value->is_null()) return true;
  if (const auto* list = value->if_array()) return list->empty();
  if (const auto* map = value->if_object()) return map->empty();
  const auto* text = value->if_string();
  return text != nullptr && text->empty();
}

}  // namespace

bool same(const json::value* a, const json::value* b) {
  return is_nothing(a) || is_nothing(b) ? is_nothing(a) == is_nothing(b) : *a == *b;
}

void check_labels(const FieldCursor& labels) {
  labels.each_entry([&](std::string_view key, const FieldCursor& value) {
    check(labels, key, qualified_name(key));
    check(labels, value.text(), label_value(value.text()));
  });
}

void check_annotations(const FieldCursor& annotations) {
  std::size_t bytes = 0;
  annotations.each_entry([&](std::string_view key, const FieldCursor& value) {
    check(annotations, key, qualified_name(lower(key)));
    bytes += key.size() + value.text().size();
  });
  if (bytes > kAnnotationBytes) annotations.too_long(kAnnotationBytes);
}

void check_label_selector(const FieldCursor& selector) {
  check_labels(selector["matchLabels"]);
  selector["matchExpressions"].each([](const FieldCursor& expression) {
    const auto op = expression["operator"];
    const auto values = expression["values"];
    if (op.text() == "In" || op.text() == "NotIn") {
      if (values.empty()) values.required("must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op.text() == "Exists" || op.text() == "DoesNotExist") {
      if (!values.empty())
        values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      op.invalid("not a valid selector operator");
    }
    check(expression["key"], qualified_name(expression["key"].text()));
    values.each([](const FieldCursor& value) { check(value, label_value(value.text())); });
  });
}

void check_metadata(const FieldCursor& object, const Rules& rules) {
  const auto meta = object["metadata"];
  if (const auto prefix = meta["generateName"]; !prefix.empty())
    check(prefix, name_prefix(rules.name, prefix.text()));
  if (meta["name"].empty())
    meta["name"].required("name or generateName is required");
  else
    check(meta["name"], rules.name(meta["name"].text()));
  const auto ns = meta["namespace"];
  if (!rules.namespaced) {
    if (!ns.empty()) ns.forbidden("not allowed on this type");
  } else if (ns.empty()) {
    ns.required();
  } else {
    check(ns, dns1123_label(ns.text()));
  }
  check_non_negative(meta["generation"]);
  check_labels(meta["labels"]);
  check_annotations(meta["annotations"]);
  check_owners(meta["ownerReferences"]);
  check_finalizers(meta["finalizers"]);
}

void check_metadata_update(const FieldCursor& object, const json::object& old) {
  const auto meta = object["metadata"];
  if (!text_in(old, "metadata", "deletionTimestamp").empty()) {
    std::vector<std::string> added;
    const auto* before = array_in(old, "metadata", "finalizers");
    meta["finalizers"].each([&](const FieldCursor& one) {
      if (before == nullptr || std::ranges::find(*before, *one.value()) == before->end())
        added.push_back(quoted(one.text()));
    });
    if (!added.empty())
      meta["finalizers"].forbidden(
          fmt::format("no new finalizers can be added if the object is being deleted, "
                      "found new finalizers []string{{{}}}",
                      fmt::join(added, ", ")));
  }
  if (const auto* before = in(old, "metadata", "generation");
      before != nullptr && before->is_int64() && meta["generation"].number() < before->get_int64())
    meta["generation"].invalid("must not be decremented");
  for (const std::string_view name :
       {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"})
    check_unchanged(meta[name], in(old, "metadata", name));
}

void check_non_negative(const FieldCursor& number) {
  if (number.number() < 0) number.invalid("must be greater than or equal to 0");
}

void check_unchanged(const FieldCursor& field, const json::value* old) {
  if (same(field.value(), old)) return;
  field.present() ? field.invalid("field is immutable") : field.invalid("null", "field is immutable");
}

void check_one_of(const FieldCursor& text, std::initializer_list<std::string_view> values) {
  if (text.empty())
    text.required();
  else if (std::ranges::find(values, text.text()) == values.end())
    text.not_supported(values);
}

void check_reference(const FieldCursor& name, NameRule rule) {
  if (name.empty())
    name.required();
  else
    check(name, rule(name.text()));
}

void check_non_special_ip(const FieldCursor& ip) {
  const auto address = IpAddr::parse(ip.text());
  if (!address) return ip.invalid("must be a valid IP address");
  if (address->is_any()) ip.invalid(fmt::format("may not be unspecified ({})", ip.text()));
  if (address->is_loopback()) ip.invalid("may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (address->is_link_local()) ip.invalid("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  static const std::array kLinkLocalGroups{*Cidr::parse("224.0.0.0/24"), *Cidr::parse("ff02::/16")};
  if (std::ranges::any_of(kLinkLocalGroups, [&](const Cidr& group) { return group.contains(*address); }))
    ip.invalid("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

void check_protocol(const FieldCursor& protocol) { check_one_of(protocol, {"SCTP", "TCP", "UDP"}); }

void check_port_or_name(const FieldCursor& port) {
  if (port.is_text())
    check(port, port_name(port.text()));
  else if (const auto complaints = port_number(port.number()); !complaints.empty())
    port.invalid(fmt::format("{}", port.number()), complaints.front());
}

}  // namespace podwire::kube
