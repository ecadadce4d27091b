#include "server/token_review.h"

#include <boost/json/array.hpp>

#include "kube/json.h"

namespace podwire::server {

json::object user_info(const User& user) {
  json::object out{{"username", user.name}, {"groups", json::array(user.groups.begin(), user.groups.end())}};
  if (!user.uid.empty()) out["uid"] = user.uid;
  if (user.extra.empty()) return out;
  json::object extra;
  for (const auto& [key, values] : user.extra) extra[key] = json::array(values.begin(), values.end());
  out["extra"] = std::move(extra);
  return out;
}

kube::Answer<json::object> review_token(const Access& access, const json::object& spec) {
  const auto token = kube::text_in(spec, "token");
  if (token.empty()) return kube::bad_request("token is required for TokenReview in authentication");
  std::vector<std::string> audiences;
  if (const auto* list = kube::array_in(spec, "audiences"))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) audiences.emplace_back(*text);
  if (audiences.empty()) audiences.emplace_back(kIssuer);
  const auto identity = access.authenticator().identify(token, audiences);
  if (!identity)
    return json::object{
        {"authenticated", false}, {"user", json::object()}, {"error", identity.error().message()}};
  return json::object{{"authenticated", true},
                      {"user", user_info(identity->user)},
                      {"audiences", json::array(identity->audiences.begin(), identity->audiences.end())}};
}

}  // namespace podwire::server
