#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "docker/container.h"
#include "docker/network.h"
#include "docker/site.h"
#include "oci/image_store.h"

namespace podwire::docker {

/// What `inspect` prints: Docker's field names, so that what people have learned to look for (and their jq
/// programs) works. Only fields that are known here are there. Pure.
[[nodiscard]] boost::json::object inspect_container(const Container& container, int pid,
                                                    const std::string& netns_path,
                                                    const std::string& log_path);
[[nodiscard]] boost::json::object inspect_network(const Network& network,
                                                  const std::vector<Container>& attached);
[[nodiscard]] boost::json::object inspect_image(const oci::Image& image);

/// "Up 5 minutes", "Exited (0) 2 hours ago", "Created".
[[nodiscard]] std::string status_text(const Container& container, std::chrono::system_clock::time_point now);
/// "3 days ago"; the text itself when it is no RFC 3339 time.
[[nodiscard]] std::string ago(const std::string& rfc3339, std::chrono::system_clock::time_point now);
/// "0.0.0.0:8080->80/tcp, ..."
[[nodiscard]] std::string ports_text(const Container& container);

}  // namespace podwire::docker
