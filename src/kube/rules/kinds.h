#pragma once
#include "kube/rules/rules.h"

/// The functions of the table in rules.cpp, by kind. See struct Rules for what each is.
namespace podwire::kube {

void fill_namespace(json::object& object);
void start_namespace(json::object& object);
void check_namespace(const FieldCursor& object, const CheckContext& context);
void check_namespace_status(const FieldCursor& object, const CheckContext& context);

void fill_node(json::object& object);
void check_node(const FieldCursor& object, const CheckContext& context);
void check_node_status(const FieldCursor& object, const CheckContext& context);

void check_config_map(const FieldCursor& object, const CheckContext& context);
void fill_secret(json::object& object);
void check_secret(const FieldCursor& object, const CheckContext& context);

void check_lease(const FieldCursor& object, const CheckContext& context);
void check_core_event(const FieldCursor& object, const CheckContext& context);
void check_event(const FieldCursor& object, const CheckContext& context);

void check_endpoints(const FieldCursor& object, const CheckContext& context);
void check_endpoint_slice(const FieldCursor& object, const CheckContext& context);

void fill_network_policy(json::object& object);
void check_network_policy(const FieldCursor& object, const CheckContext& context);

[[nodiscard]] Complaints ip_address_name(std::string_view name);
void check_ip_address(const FieldCursor& object, const CheckContext& context);
void check_service_cidr(const FieldCursor& object, const CheckContext& context);
void check_address_block(const FieldCursor& object, const CheckContext& context);

void fill_service(json::object& object);
void start_service(json::object& object);
void carry_on_service(json::object& object, const json::object& old);
void check_service(const FieldCursor& object, const CheckContext& context);
void check_service_status(const FieldCursor& object, const CheckContext& context);

void fill_pod(json::object& object);
void start_pod(json::object& object);
void check_pod(const FieldCursor& object, const CheckContext& context);
void check_pod_status(const FieldCursor& object, const CheckContext& context);

void fill_deployment(json::object& object);
void fill_replica_set(json::object& object);
void fill_daemon_set(json::object& object);
void start_workload(json::object& object);
void check_deployment(const FieldCursor& object, const CheckContext& context);
void check_replica_set(const FieldCursor& object, const CheckContext& context);
void check_daemon_set(const FieldCursor& object, const CheckContext& context);
void check_replicas_status(const FieldCursor& object, const CheckContext& context);
void check_daemon_set_status(const FieldCursor& object, const CheckContext& context);

void fill_role_binding(json::object& object);
void check_role(const FieldCursor& object, const CheckContext& context);
void check_cluster_role(const FieldCursor& object, const CheckContext& context);
void check_role_binding(const FieldCursor& object, const CheckContext& context);
void check_cluster_role_binding(const FieldCursor& object, const CheckContext& context);

}  // namespace podwire::kube
