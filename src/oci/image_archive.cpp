#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "oci/image.h"
#include "oci/json_view.h"

namespace podwire::oci {
namespace {

constexpr std::string_view kNameAnnotation = "io.containerd.image.name";
constexpr std::string_view kRefAnnotation = "org.opencontainers.image.ref.name";

std::string blob_path(const Digest& digest) { return "blobs/sha256/" + digest.hex(); }

/// A file of the archive whose digest is known.
Result<std::string> checked_text(const Archive& archive, const std::string& file, const Digest& expected) {
  auto text = TRY(archive.text(file));
  if (const auto actual = Sha256::of(text); actual != expected)
    return fail("check", file, 0, fmt::format("its digest is {}, expected {}", actual.str(), expected.str()));
  return text;
}

Result<Digest> digest_at(const JsonView& descriptor) {
  const auto field = TRY(descriptor.at("digest"));
  auto digest = Digest::parse(TRY(field.text()));
  if (!digest) return std::unexpected(std::move(digest.error()).in(field.path()));
  return digest;
}

Result<> check_platform(const ImageConfig& config, std::string_view what) {
  if (config.os.empty() || (config.os == "linux" && config.architecture == machine_architecture())) return {};
  return fail("import", what, 0,
              fmt::format("the image is for {}/{}, this machine is linux/{}", config.os, config.architecture,
                          machine_architecture()));
}

Result<> check_layer_count(const ArchivedImage& image, std::string_view what) {
  if (image.layers.size() == image.config.diff_ids.size()) return {};
  return fail("read", what, 0,
              fmt::format("the manifest has {} layers and the config {}", image.layers.size(),
                          image.config.diff_ids.size()));
}

/// docker save: manifest.json is [{Config, RepoTags, Layers}]. The config's file name holds its digest.
Result<ArchivedImage> docker_image(const Archive& archive, const JsonView& entry) {
  ArchivedImage out;
  const auto config = TRY(entry.at("Config"));
  const std::string file = TRY(config.text());
  std::string_view hex = file;
  hex.remove_prefix(hex.rfind('/') + 1);  // npos + 1 is 0
  if (hex.ends_with(".json")) hex.remove_suffix(5);
  auto id = Digest::parse(fmt::format("sha256:{}", hex));
  if (!id) return std::unexpected(std::move(id.error()).in(config.path()));
  out.id = *id;
  out.config = TRY(parse_image_config(TRY(checked_text(archive, file, out.id))));
  out.layers = TRY(TRY(entry.at("Layers")).texts());
  for (const auto& name : TRY(TRY(entry.at("RepoTags")).texts()))
    out.names.push_back(TRY(familiar_name(name)));
  TRY(check_layer_count(out, entry.path()));
  TRY(check_platform(out.config, entry.path()));
  return out;
}

bool fits_this_machine(const std::string& os, const std::string& architecture) {
  return os == "linux" && architecture == machine_architecture();
}

/// Follows one descriptor of an OCI index to images. An index in an index is one image for several platforms.
Result<> collect(const Archive& archive, const JsonView& descriptor, std::vector<std::string> names,
                 int depth, std::vector<ArchivedImage>& out) {
  constexpr int kDeepest = 4;
  if (depth > kDeepest) return fail("read", descriptor.path(), 0, "indexes are nested too deeply");
  const auto annotations = TRY(TRY(descriptor.at("annotations")).text_map());
  for (const auto key : {kNameAnnotation, kRefAnnotation})
    if (const auto found = annotations.find(std::string(key)); names.empty() && found != annotations.end())
      if (auto name = familiar_name(found->second)) names.push_back(*name);
  const Digest digest = TRY(digest_at(descriptor));
  const std::string file = blob_path(digest);
  const auto document = TRY(parse_json(TRY(checked_text(archive, file, digest)), file));
  const JsonView manifest(document, file);

  if (const auto manifests = TRY(TRY(manifest.at("manifests")).items()); !manifests.empty()) {
    std::set<std::string> offered;
    for (const auto& child : manifests) {
      const auto platform = TRY(child.at("platform"));
      const auto os = TRY(TRY(platform.at("os")).text_or("linux"));
      const auto architecture = TRY(TRY(platform.at("architecture")).text_or(machine_architecture()));
      if (fits_this_machine(os, architecture))
        return collect(archive, child, std::move(names), depth + 1, out);
      offered.insert(fmt::format("{}/{}", os, architecture));
    }
    return fail("import", file, 0,
                fmt::format("no image for linux/{} in it, only for {}", machine_architecture(),
                            fmt::join(offered, ", ")));
  }

  ArchivedImage image;
  const auto config = TRY(manifest.at("config"));
  image.id = TRY(digest_at(config));
  image.config = TRY(parse_image_config(TRY(checked_text(archive, blob_path(image.id), image.id))));
  for (const auto& layer : TRY(TRY(manifest.at("layers")).items()))
    image.layers.push_back(blob_path(TRY(digest_at(layer))));
  image.names = std::move(names);
  TRY(check_layer_count(image, file));
  TRY(check_platform(image.config, file));
  out.push_back(std::move(image));
  return {};
}

}  // namespace

std::string_view machine_architecture() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__riscv)
  return "riscv64";
#else
  return "unknown";
#endif
}

Result<std::vector<ArchivedImage>> images_in(const Archive& archive) {
  std::vector<ArchivedImage> out;
  if (archive.has("manifest.json")) {
    const auto document = TRY(parse_json(TRY(archive.text("manifest.json")), "manifest.json"));
    for (const auto& entry : TRY(JsonView(document, "manifest.json").items()))
      out.push_back(TRY(docker_image(archive, entry)));
  } else if (archive.has("index.json")) {
    const auto document = TRY(parse_json(TRY(archive.text("index.json")), "index.json"));
    const auto manifests = TRY(JsonView(document, "index.json").at("manifests"));
    for (const auto& descriptor : TRY(manifests.items())) TRY(collect(archive, descriptor, {}, 0, out));
  } else {
    return fail(
        "import", "archive", 0,
        "it has neither manifest.json (docker save) nor index.json (OCI layout): not an image archive");
  }
  if (out.empty()) return fail("import", "archive", 0, "there is no image in it");
  return out;
}

Result<std::string> familiar_name(std::string_view name) {
  const auto bad = [&] {
    return fail("read image name", fmt::format("\"{}\"", name), 0,
                "names are made of lower-case letters, digits, and . _ - / between them, then :TAG");
  };
  std::string_view rest = name;
  for (const std::string_view prefix : {"docker.io/", "index.docker.io/", "library/"})
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  const auto repository = rest.substr(0, rest.find('@', rest.rfind('/') + 1));
  auto colon = repository.find(':', repository.rfind('/') + 1);
  const auto path = repository.substr(0, colon);
  if (path.empty() || !std::isalnum(static_cast<unsigned char>(path.front())) || path.ends_with('/'))
    return bad();
  const auto allowed = [](char c, std::string_view extra) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || extra.contains(c);
  };
  if (!std::ranges::all_of(path, [&](char c) { return allowed(c, "._-/:"); }))
    return bad();  // ':' of a registry's port
  if (colon == std::string_view::npos)
    return std::string(path) + (repository == rest ? ":latest" : std::string(rest.substr(path.size())));
  const auto tag = rest.substr(colon + 1);
  const auto tag_character = [&](char c) { return allowed(c, "._-@:") || (c >= 'A' && c <= 'Z'); };
  if (tag.empty() || tag.size() > 256 || !std::ranges::all_of(tag, tag_character)) return bad();
  return std::string(rest);
}

}  // namespace podwire::oci
