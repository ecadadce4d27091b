#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "kube/status.h"
#include "server/auth/lookup.h"

namespace podwire::server {

namespace json = boost::json;

/// A write by a node.
struct NodeWrite {
  std::string_view node;
  std::string_view group, resource, subresource, ns, name;
  const json::object* old;     ///< nullptr: it is created
  const json::object* object;  ///< nullptr: it is deleted; of a token or an eviction: the request's body
};

/// What a node may write that its rights would allow by kind: itself (but not its taints, its podCIDRs, its
/// owners, or labels by which others choose nodes), its lease, its address blocks, its pods' status and end,
/// mirror pods, and tokens for its own pods. 403 in the words of kube-apiserver's NodeRestriction.
[[nodiscard]] kube::Answer<> check_node_write(const NodeWrite& write, const Lookup& look_up);

}  // namespace podwire::server
