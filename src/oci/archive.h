#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/byte_source.h"

namespace podwire::oci {

/// A tar file as a set of named files that may be read in any order and more than once: an image archive has
/// its manifest behind the layers that it names. Also reads an archive that is gzipped as a whole or comes
/// from a pipe; such a one is copied to an unnamed file in `scratch` first.
class Archive {
 public:
  /// "-" is our standard input.
  static Result<Archive> open(const std::string& path, const std::string& scratch);

  [[nodiscard]] bool has(const std::string& name) const;
  /// A whole member as text. Errors: ENOENT with its name, larger than `limit`.
  Result<std::string> text(const std::string& name, std::size_t limit = 4 << 20) const;
  /// A member's content as it is stored. The archive must outlive the source.
  Result<std::unique_ptr<ByteSource>> content(const std::string& name) const;

 private:
  struct Member {
    std::uint64_t offset = 0, size = 0;
    std::string alias;  ///< of links: the member that is meant
  };
  [[nodiscard]] Result<const Member*> find(const std::string& name) const;

  UniqueFd fd_;
  std::map<std::string, Member> members_;
};

}  // namespace podwire::oci
