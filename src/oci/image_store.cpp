#include "oci/image_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "oci/json_view.h"
#include "oci/layer.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<> unpack_layers(const Archive& archive, const ArchivedImage& image, const std::string& rootfs) {
  const auto root = TRY(open_file(rootfs, O_RDONLY | O_DIRECTORY));
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    HashingSource unpacked(TRY(decompress(TRY(archive.content(image.layers[i])))));
    TarReader layer(unpacked);
    auto applied = apply_layer(layer, root.get());
    if (!applied) return std::unexpected(std::move(applied.error()).in("layer " + image.layers[i]));
    if (const Digest actual = TRY(unpacked.drain()); actual != image.config.diff_ids[i])
      return fail(
          "check layer", image.layers[i], 0,
          fmt::format("its digest is {}, the config says {}", actual.str(), image.config.diff_ids[i].str()));
  }
  return {};
}

}  // namespace

Result<FileLock> ImageStore::lock() const {
  TRY(make_directories(dir_));
  return FileLock::acquire(dir_ + "/lock", std::chrono::minutes(10));
}

Result<ImageStore::Names> ImageStore::names() const {
  const auto text = read_file(dir_ + "/names.json");
  if (!text) {
    if (text.error().sys_errno == ENOENT) return Names{};
    return std::unexpected(text.error());
  }
  const auto document = TRY(parse_json(*text, dir_ + "/names.json"));
  return JsonView(document, "names.json").text_map();
}

Result<> ImageStore::write_names(const Names& names) const {
  boost::json::object out;
  for (const auto& [name, id] : names) out[name] = id;
  return write_file_atomic(dir_ + "/names.json", pretty_json(out) + "\n");
}

Result<Image> ImageStore::load(const std::string& id, const Names& names) const {
  Image out;
  out.id = id;
  out.rootfs = fmt::format("{}/{}/rootfs", dir_, id);
  out.config = TRY(parse_image_config(TRY(read_file(fmt::format("{}/{}/config.json", dir_, id)))));
  for (const auto& [name, target] : names)
    if (target == id) out.names.push_back(name);
  return out;
}

Result<Image> ImageStore::find(const std::string& reference) const {
  const Names known = TRY(names());
  if (const auto name = familiar_name(reference)) {
    if (const auto found = known.find(*name); found != known.end()) return load(found->second, known);
  }
  std::string_view id = reference;
  if (id.starts_with("sha256:")) id.remove_prefix(7);
  std::vector<std::string> matches;
  if (id.size() >= 4 && is_hex(id))
    for (const auto& entry : TRY(list_directory(dir_)))
      if (entry.size() == 64 && entry.starts_with(id)) matches.push_back(entry);
  if (matches.size() == 1) return load(matches[0], known);
  if (matches.size() > 1)
    return fail("find image", reference, 0,
                fmt::format("{} images begin with it: give more digits", matches.size()));
  return fail("find image", reference, ENOENT);
}

Result<std::vector<Image>> ImageStore::list() const {
  const Names known = TRY(names());
  auto entries = TRY(list_directory(dir_));
  std::ranges::sort(entries);
  std::vector<Image> out;
  for (const auto& entry : entries)
    if (entry.size() == 64 && is_hex(entry)) out.push_back(TRY(load(entry, known)));
  return out;
}

Result<> ImageStore::publish(const std::string& id, const ImageConfig& config,
                             const std::function<Result<>(const std::string&)>& fill) const {
  const std::string incoming = dir_ + "/.incoming";
  TRY(remove_tree(incoming));  // of an import that was killed: we hold the lock
  auto make = [&]() -> Result<> {
    TRY(make_directories(incoming + "/rootfs"));
    TRY(fill(incoming + "/rootfs"));
    TRY(write_file_atomic(incoming + "/config.json", pretty_json(encode_image_config(config)) + "\n"));
    const std::string final = fmt::format("{}/{}", dir_, id);
    if (::rename(incoming.c_str(), final.c_str()) != 0) return fail("publish image", final, errno);
    return {};
  };
  auto done = make();
  if (!done) [[maybe_unused]]
    const auto swept = remove_tree(incoming);
  return done;
}

Result<std::vector<Image>> ImageStore::import(const std::string& path, const std::string& name) {
  const auto held = TRY(lock());
  const Archive archive = TRY(Archive::open(path, dir_));
  const auto found = TRY(images_in(archive));
  if (!name.empty() && found.size() != 1)
    return fail("name image", name, 0,
                fmt::format("the archive holds {} images, import it without a name", found.size()));
  Names known = TRY(names());
  std::vector<Image> out;
  for (const auto& image : found) {
    const std::string& id = image.id.hex();
    if (!file_exists(fmt::format("{}/{}", dir_, id)))
      TRY(publish(id, image.config,
                  [&](const std::string& rootfs) { return unpack_layers(archive, image, rootfs); }));
    for (const auto& own : image.names) known[own] = id;
    if (!name.empty()) known[TRY(familiar_name(name))] = id;
  }
  TRY(write_names(known));
  out.reserve(found.size());
  for (const auto& image : found) out.push_back(TRY(load(image.id.hex(), known)));
  return out;
}

Result<Image> ImageStore::add_built(const std::string& id, const ImageConfig& config,
                                    const std::function<Result<>(const std::string&)>& build) {
  if (!file_exists(fmt::format("{}/{}", dir_, id))) {
    const auto held = TRY(lock());
    if (!file_exists(fmt::format("{}/{}", dir_, id))) TRY(publish(id, config, build));
  }
  return load(id, TRY(names()));
}

Result<std::vector<std::string>> ImageStore::remove(const std::string& reference,
                                                    const std::vector<std::string>& ids_in_use) {
  const auto held = TRY(lock());
  const Image image = TRY(find(reference));
  Names known = TRY(names());
  std::vector<std::string> said;
  const auto name = familiar_name(reference);
  const bool by_name = name && known.contains(*name);
  if (by_name && image.names.size() > 1) {
    known.erase(*name);
    TRY(write_names(known));
    said.push_back("Untagged: " + *name);
    return said;
  }
  if (std::ranges::find(ids_in_use, image.id) != ids_in_use.end())
    return fail("remove image", reference, EBUSY, "a container uses it: remove that first");
  for (const auto& own : image.names) {
    known.erase(own);
    said.push_back("Untagged: " + own);
  }
  TRY(write_names(known));
  TRY(remove_tree(fmt::format("{}/{}", dir_, image.id)));
  said.push_back("Deleted: sha256:" + image.id);
  return said;
}

}  // namespace podwire::oci
