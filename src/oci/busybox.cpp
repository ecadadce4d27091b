#include "oci/busybox.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <sstream>

#include "base/process.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

/// Changes when what is built changes, so that an image of an older podwire is not taken for it.
constexpr std::string_view kRecipe = "podwire busybox image 1";

Result<> must_be_static(const std::string& program, std::string_view content) {
  const auto wrong = [&] {
    return fail("use", program, 0, "it is not a static program: apt-get install busybox-static");
  };
  Elf64_Ehdr header;
  if (content.size() < sizeof header) return wrong();
  std::memcpy(&header, content.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
    return wrong();
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    const std::size_t at = header.e_phoff + std::size_t{i} * header.e_phentsize;
    if (at > content.size() || content.size() - at < sizeof segment) return wrong();
    std::memcpy(&segment, content.data() + at, sizeof segment);
    if (segment.p_type == PT_INTERP) return wrong();
  }
  return {};
}

Result<> make_link(const Tree& tree, const std::string& applet) {
  const auto [parent, name] = split_path(TRY(clean_path(applet)));
  if (name.empty() || name == "busybox") return {};
  const auto directory = TRY(tree.directory(parent));
  if (::symlinkat("/bin/busybox", directory.raw(), name.c_str()) != 0 && errno != EEXIST)
    return fail("create link", applet, errno);
  return {};
}

Result<> build(const std::string& rootfs, std::string_view program, const std::string& applets) {
  const auto root = TRY(open_file(rootfs, O_RDONLY | O_DIRECTORY));
  const Tree tree(root.get());
  constexpr std::array kDirectories{"bin", "sbin", "usr/bin", "usr/sbin", "etc",     "proc",    "sys", "dev",
                                    "run", "tmp",  "root",    "home",     "var/log", "var/tmp", "mnt"};
  for (const auto* directory : kDirectories) TRY(make_directories(fmt::format("{}/{}", rootfs, directory)));
  for (const auto* open : {"tmp", "var/tmp"})
    if (::chmod(fmt::format("{}/{}", rootfs, open).c_str(), 01777) != 0)
      return fail("set the mode of", open, errno);
  if (::chmod((rootfs + "/root").c_str(), 0700) != 0) return fail("set the mode of", "root", errno);

  TRY(write_file_atomic(rootfs + "/bin/busybox", program, 0755));
  std::istringstream lines(applets);
  for (std::string line; std::getline(lines, line);) TRY(make_link(tree, line));
  TRY(make_link(tree, "bin/sh"));
  constexpr auto kLater = Durability::until_reboot;
  TRY(write_file_atomic(rootfs + "/etc/passwd",
                        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", 0644,
                        kLater));
  TRY(write_file_atomic(rootfs + "/etc/group", "root:x:0:\nnogroup:x:65534:\n", 0644, kLater));
  return write_file_atomic(
      rootfs + "/etc/os-release",
      "NAME=\"podwire busybox\"\nID=podwire-busybox\nPRETTY_NAME=\"busybox of the host, by podwire\"\n", 0644,
      kLater);
}

}  // namespace

Result<Image> busybox_image(ImageStore& store) {
  const std::string program = find_program("busybox");
  if (program.empty()) return fail("find", "busybox", ENOENT, "apt-get install busybox-static");
  const std::string content = TRY(read_file(program, 64 << 20));
  TRY(must_be_static(program, content));
  Sha256 hash;
  hash.update(std::as_bytes(std::span(kRecipe)));
  hash.update(std::as_bytes(std::span(content)));
  ImageConfig config;
  config.os = "linux";
  config.architecture = machine_architecture();
  config.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  config.command = {"sh"};
  config.labels = {{"podwire.built-from", program}};
  return store.add_built(hash.finish().hex(), config, [&](const std::string& rootfs) -> Result<> {
    return build(rootfs, content, TRY(run_checked({.argv = {program, "--list-full"}})));
  });
}

bool means_busybox(const std::string& reference) {
  const auto name = familiar_name(reference);
  if (!name) return false;
  const auto repository = name->substr(0, name->find(':'));
  return repository == "alpine" || repository == "busybox";
}

}  // namespace podwire::oci
