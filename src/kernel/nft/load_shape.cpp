#include <cerrno>

#include "base/process.h"
#include "kernel/nft/netlink_nft.h"

namespace podwire::kernel {
namespace {

/// nft says what is wrong in the first line that holds "Error:", then repeats the text and points into it.
std::string complaint(std::string_view err) {
  std::string_view first;
  while (!err.empty()) {
    const auto end = std::min(err.find('\n'), err.size());
    const auto line = err.substr(0, end);
    if (line.contains("Error:")) return std::string(line);
    if (first.empty()) first = line;
    err.remove_prefix(std::min(end + 1, err.size()));
  }
  return std::string(first);
}

}  // namespace

Result<> NetlinkNft::load_shape(std::string_view text) {
  const std::string nft = find_program("nft");
  if (nft.empty()) return fail("load nftables shape", "nft", ENOENT, "install the package nftables");
  const Command command{
      .argv = {nft, "-f", "-"}, .env = {}, .input = std::string(text), .before_exec = [this] {
        return netns_.join();
      }};
  const Output output = TRY(run(command));
  if (output.status == 0) return {};
  return fail("load nftables shape", "in " + netns_.name(), 0, complaint(output.err));
}

}  // namespace podwire::kernel
