#pragma once
#include <expected>
#include <vector>

#include "plan/service_fields.h"

namespace podwire::plan {

/// Fills in policy and families of a Service, and checks them against each other, the cluster and what the
/// Service was (`old`, nullptr: it is new). `cluster` are the families that the cluster gives ClusterIPs of,
/// its first the default. A Service of two families may be left with one address: the other is still to be
/// given.
///
/// A Service never changes between one family and two because the cluster did: only when its client says so
/// by policy, families or addresses. What is malformed in itself passes; validation refuses it.
std::expected<ServiceFields, FieldRefusals> settle_families(const ServiceFields* old, ServiceFields now,
                                                            const std::vector<Family>& cluster);

}  // namespace podwire::plan
