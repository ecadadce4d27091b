#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/archive.h"
#include "oci/digest.h"

namespace podwire::oci {

/// What an image says of itself and of the process to run (OCI image-spec "config.md"), as far as we use it.
struct ImageConfig {
  std::string created, architecture, os;
  std::vector<std::string> env, entrypoint, command;
  std::string working_dir, user;
  std::vector<std::string> exposed_ports;  ///< "80/tcp"
  std::map<std::string, std::string> labels;
  std::vector<Digest> diff_ids;  ///< of the layers, uncompressed, the lowest first
  friend bool operator==(const ImageConfig&, const ImageConfig&) = default;
};

Result<ImageConfig> parse_image_config(std::string_view text);
[[nodiscard]] boost::json::object encode_image_config(const ImageConfig& config);

/// An image inside an archive: which of its files are what.
struct ArchivedImage {
  Digest id;  ///< of the config: what Docker calls the image ID
  ImageConfig config;
  std::vector<std::string> layers;  ///< file names, the lowest first
  std::vector<std::string> names;
};

/// Finds the images of an archive that `docker save` (old or new) or an OCI layout was packed into. The
/// config's digest and, in an OCI layout, that of every manifest are compared; layers are compared when they
/// are unpacked. Of an index for several platforms the one for this machine is taken. Errors name the file
/// and the field.
Result<std::vector<ArchivedImage>> images_in(const Archive& archive);

/// This machine as OCI names it: "amd64", "arm64".
[[nodiscard]] std::string_view machine_architecture();

/// A name as Docker shows it: without "docker.io/" and "library/", with the tag "latest" when it has neither
/// tag nor digest. Error: characters that no image name has.
Result<std::string> familiar_name(std::string_view name);

}  // namespace podwire::oci
