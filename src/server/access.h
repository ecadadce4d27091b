#pragma once
#include <functional>
#include <list>

#include "server/auth/authenticator.h"
#include "server/auth/authorizer.h"
#include "server/registry.h"
#include "server/store_feed.h"

namespace podwire::server {

/// All that tells who somebody is and what he may do, kept as the store has it. On the store's thread;
/// destroyed before the store.
class Access {
 public:
  Access(Store& store, const World& world, AccountTokens tokens, TokenFile file);
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  [[nodiscard]] const Authenticator& authenticator() const { return authenticator_; }
  [[nodiscard]] const Authorizer& authorizer() const { return authorizer_; }
  [[nodiscard]] const AccountTokens& tokens() const { return tokens_; }
  [[nodiscard]] const Lookup& look_up() const { return look_up_; }

  /// Where a right to write is not all that is asked: nodes write only what is theirs, and nobody gives
  /// rights that he does not have. Empty: nothing more is asked. Holds what it needs of the user.
  [[nodiscard]] Check check_of(const User& user, const kube::Resource& resource, const Place& place,
                               std::string_view subresource) const;

  /// Called after each change of a role.
  void on_role_change(std::function<void()> changed) { role_changed_ = std::move(changed); }

 private:
  Lookup look_up_;
  AccountTokens tokens_;
  Authenticator authenticator_;
  NodeGraph graph_;
  Rbac rbac_;
  NodeAuthorizer nodes_{graph_};
  Authorizer authorizer_{nodes_, rbac_};
  std::function<void()> role_changed_;
  std::list<StoreFeed> feeds_;
};

}  // namespace podwire::server
