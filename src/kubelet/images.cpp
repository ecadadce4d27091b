#include "kubelet/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "oci/busybox.h"

namespace podwire::kubelet {
namespace {

constexpr const char* kInside = "/podwire";  // where a container sees the program

/// "registry.k8s.io/e2e-test-images/agnhost:2.45" is "agnhost"; of Docker Hub's images the user counts too:
/// "docker.io/paulbouwer/hello-kubernetes:1.8" is "paulbouwer/hello-kubernetes".
std::string_view without_tag(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash))
    image = image.substr(0, colon);
  return image;
}

std::string_view last_part(std::string_view image) {
  const auto slash = image.rfind('/');
  return slash == std::string_view::npos ? image : image.substr(slash + 1);
}

/// Shells with a few tools: the busybox of this machine does what people do with them.
bool is_like_busybox(std::string_view image) {
  constexpr std::array<std::string_view, 4> kTools{"alpine", "busybox", "netshoot", "curl"};
  return std::ranges::find(kTools, last_part(without_tag(image))) != kTools.end();
}

}  // namespace

std::string stand_in_for(std::string_view image) {
  const auto name = last_part(without_tag(image));
  for (const std::string_view known : {"hello-kubernetes", "nginx", "http-echo", "agnhost", "pause"})
    if (name == known) return std::string(known);
  return {};
}

Result<oci::RootFs> Images::busybox() {
  const std::scoped_lock held(mutex_);
  if (!busybox_) {
    oci::ImageStore store(store_);
    const auto image = TRY(oci::busybox_image(store));
    busybox_ = oci::RootFs{.image_id = image.id, .config = image.config, .lower = image.rootfs};
  }
  return *busybox_;
}

Result<FoundImage> Images::find(const std::string& image) {
  oci::ImageStore store(store_);
  auto imported = store.find(image);
  if (imported)
    return FoundImage{
        .rootfs = {.image_id = imported->id, .config = imported->config, .lower = imported->rootfs},
        .mounts = {},
        .stand_in = {}};
  if (imported.error().sys_errno != ENOENT) return std::unexpected(imported.error());
  if (is_like_busybox(image)) return FoundImage{.rootfs = TRY(busybox()), .mounts = {}, .stand_in = {}};
  if (auto name = stand_in_for(image); !name.empty()) {
    FoundImage out{.rootfs = TRY(busybox()), .mounts = {}, .stand_in = std::move(name)};
    out.rootfs.config.entrypoint = {kInside, "stand-in", out.stand_in};
    out.rootfs.config.command.clear();
    out.mounts.push_back({.source = program_, .destination = kInside, .read_only = true});
    return out;
  }
  return fail(
      "find image", image, ENOENT,
      "podwire pulls from no registry: on this node, run podwire image import FILE.tar (docker save writes "
      "such a file); alpine, busybox, curl and netshoot are this machine's busybox, and hello-kubernetes, "
      "nginx, "
      "http-echo, agnhost and pause are podwire's own stand-ins");
}

}  // namespace podwire::kubelet
