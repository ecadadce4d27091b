#pragma once
#include "kube/rules/field_errors.h"

/// Maps from a resource's name to an amount: what containers ask for, what nodes have.
namespace podwire::kube {

/// Writes each amount in its canonical form, rounded to thousandths. What is no amount stays as it is.
void canonicalize_amounts(json::object& list);
/// Both lists of a container's (or pod's) `resources`.
void canonicalize_resources(json::object& owner);
/// What has a limit but no request asks for its limit.
void fill_requests(json::object& owner);

/// Amounts that are readable, not negative, and whole where the resource comes in pieces.
void check_amounts(const FieldCursor& list);
/// A container's or pod's `resources`: known names, and no request above its limit.
void check_resources(const FieldCursor& resources);

}  // namespace podwire::kube
