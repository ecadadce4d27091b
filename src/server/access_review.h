#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "kube/status.h"
#include "server/auth/authorizer.h"

namespace podwire::server {

/// The status of a SelfSubjectAccessReview, SubjectAccessReview or LocalSubjectAccessReview: whether the user
/// may do what the review asks. 422 for a question without a subject, or with none or two things asked.
/// `ns`: of the URL, where the kind has one.
[[nodiscard]] kube::Answer<json::object> review_access(const Authorizer& authorizer, const User& asking,
                                                       std::string_view kind, std::string_view ns,
                                                       const json::object& review);

}  // namespace podwire::server
