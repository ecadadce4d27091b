#pragma once
#include <boost/json/object.hpp>
#include <string>

namespace podwire::server {

namespace json = boost::json;

/// The labels that differ between the two Nodes and that a node may not give itself, sorted, joined by ", ":
/// those of node-restriction.kubernetes.io, which say to others which nodes they may trust, and those of
/// kubernetes.io and k8s.io that are not a kubelet's. Empty: none.
[[nodiscard]] std::string forbidden_label_changes(const json::object& old, const json::object& object);

}  // namespace podwire::server
