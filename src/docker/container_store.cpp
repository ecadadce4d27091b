#include "docker/container_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "oci/json_view.h"
#include "oci/tree.h"

namespace podwire::docker {

Match match(const std::string& reference, const std::string& name, const std::string& id) {
  if (reference == name || reference == id) return Match::exact;
  constexpr std::size_t kShortest = 3;
  return reference.size() >= kShortest && id.starts_with(reference) ? Match::beginning : Match::none;
}

Result<Container> ContainerStore::read(const std::string& id) const {
  return decode_container(TRY(read_file(directory(id) + "/container.json")));
}

Result<ContainerStore::Listing> ContainerStore::list() const {
  Listing out;
  for (const auto& id : TRY(list_directory(dir_))) {
    auto container = read(id);
    if (container && container->id == id)
      out.containers.push_back(std::move(*container));
    else
      out.broken.push_back(id);
  }
  std::ranges::sort(out.containers, {}, [](const Container& c) { return std::tie(c.created, c.id); });
  return out;
}

Result<Container> ContainerStore::find(const std::string& reference) const {
  std::vector<Container> matches;
  for (auto& container : TRY(list()).containers) {
    const Match m = match(reference, container.name, container.id);
    if (m == Match::exact) return std::move(container);
    if (m == Match::beginning) matches.push_back(std::move(container));
  }
  if (matches.size() > 1)
    return fail("find container", reference, 0, "several ids begin with it: give more digits");
  if (matches.empty())
    return fail("find container", reference, ENOENT, "podwire container ls -a shows those that are there");
  return std::move(matches[0]);
}

Result<> ContainerStore::write(const Container& container) const {
  TRY(make_directories(directory(container.id)));
  return write_file_atomic(directory(container.id) + "/container.json",
                           oci::pretty_json(encode_container(container)) + "\n", 0600,
                           Durability::until_reboot);
}

Result<> ContainerStore::remove(const std::string& id) const {
  // The record goes last, so that what a kill leaves half removed is still found.
  const std::string dir = directory(id);
  for (const auto& name : TRY(list_directory(dir)))
    if (name != "container.json") TRY(oci::remove_tree(fmt::format("{}/{}", dir, name)));
  return oci::remove_tree(dir);
}

}  // namespace podwire::docker
