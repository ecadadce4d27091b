#include <algorithm>
#include <array>
#include <string>

#include "kube/quantity.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

constexpr std::int64_t kMostMode = 0777;

bool has_backsteps(std::string_view path) {
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    if (part == "..") return true;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return false;
}

void check_mode(const FieldCursor& mode) {
  if (mode.present() && (mode.number() < 0 || mode.number() > kMostMode))
    mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
}

void check_path_in_volume(const FieldCursor& path) {
  if (path.empty()) return path.required();
  if (path.text().starts_with('/')) path.invalid("must be a relative path");
  if (has_backsteps(path.text())) path.invalid("must not contain '..'");
  if (path.text().starts_with("..") && !has_backsteps(path.text())) path.invalid("must not start with '..'");
}

void check_items(const FieldCursor& items) {
  items.each([](const FieldCursor& item) {
    if (item["key"].empty()) item["key"].required();
    check_path_in_volume(item["path"]);
    check_mode(item["mode"]);
  });
}

/// A ConfigMap or Secret whose keys become files.
void check_keys(const FieldCursor& source, std::string_view name) {
  if (source[name].empty()) source[name].required();
  check_mode(source["defaultMode"]);
  check_items(source["items"]);
}

void check_downward(const FieldCursor& source) {
  check_mode(source["defaultMode"]);
  source["items"].each([](const FieldCursor& item) {
    check_path_in_volume(item["path"]);
    check_mode(item["mode"]);
    const auto field = item["fieldRef"], resource = item["resourceFieldRef"];
    if (field.present() && resource.present())
      item.invalid("\"resource\"", "fieldRef and resourceFieldRef can not be specified simultaneously");
    else if (field.present())
      check_field_ref(field, {"metadata.annotations", "metadata.labels", "metadata.name",
                              "metadata.namespace", "metadata.uid"});
    else if (!resource.present())
      item.required("one of fieldRef and resourceFieldRef is required");
  });
}

void check_projection(const FieldCursor& source) {
  int kinds = 0;
  const auto one = [&](std::string_view key, auto&& check_source) {
    if (!source[key].present()) return;
    if (++kinds > 1)
      source[key].forbidden("may not specify more than 1 volume type per source");
    else
      check_source(source[key]);
  };
  one("secret", [](const FieldCursor& s) { check_keys(s, "name"); });
  one("configMap", [](const FieldCursor& s) { check_keys(s, "name"); });
  one("downwardAPI", check_downward);
  one("serviceAccountToken", [](const FieldCursor& s) {
    const auto seconds = s["expirationSeconds"];
    if (seconds.present() && seconds.number() < 600)
      seconds.invalid("may not specify a duration less than 10 minutes");
    check_path_in_volume(s["path"]);
  });
  one("clusterTrustBundle", [](const FieldCursor& s) { check_path_in_volume(s["path"]); });
  one("podCertificate", [](const FieldCursor&) {});
  if (kinds == 0) source.required("must specify at least one volume source");
}

void check_host_path(const FieldCursor& host) {
  const auto path = host["path"], type = host["type"];
  if (path.empty()) return path.required();
  if (has_backsteps(path.text())) path.invalid("must not contain '..'");
  if (!type.empty())
    check_one_of(type, {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File",
                        "FileOrCreate", "Socket"});
}

void check_source(const FieldCursor& source, std::string_view kind) {
  const auto required = [&](std::initializer_list<std::string_view> keys) {
    for (const auto key : keys)
      if (source[key].empty()) source[key].required();
  };
  if (kind == "emptyDir") {
    const auto limit = source["sizeLimit"];
    const auto amount = Quantity::parse(limit.is_text() ? limit.text() : "0");
    if (!amount || *amount < Quantity()) limit.forbidden("SizeLimit field must be a valid resource quantity");
  } else if (kind == "hostPath") {
    check_host_path(source);
  } else if (kind == "secret") {
    check_keys(source, "secretName");
  } else if (kind == "configMap") {
    check_keys(source, "name");
  } else if (kind == "downwardAPI") {
    check_downward(source);
  } else if (kind == "projected") {
    check_mode(source["defaultMode"]);
    source["sources"].each(check_projection);
  } else if (kind == "persistentVolumeClaim") {
    required({"claimName"});
  } else if (kind == "nfs") {
    required({"server", "path"});
  } else if (kind == "csi") {
    required({"driver"});
  } else if (kind == "image") {
    required({"reference"});
  }
}

}  // namespace

VolumeNames check_volumes(const FieldCursor& volumes) {
  VolumeNames names;
  volumes.each([&](const FieldCursor& volume) {
    const auto before = volumes.errors().causes().size();
    int kinds = 0;
    if (const auto* map = volume.object())
      for (const auto& member : *map) {
        if (member.key() == "name" || member.value().is_null()) continue;
        const auto source = volume[member.key()];
        if (++kinds > 1)
          source.forbidden("may not specify more than 1 volume type");
        else
          check_source(source, member.key());
      }
    if (kinds == 0) volume.required("must specify a volume type");
    check_reference(volume["name"], dns1123_label);
    if (names.contains(volume["name"].text())) volume["name"].duplicate();
    if (volumes.errors().causes().size() == before) names.insert(volume["name"].text());
  });
  return names;
}

}  // namespace podwire::kube
