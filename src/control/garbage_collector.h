#pragma once
#include <map>
#include <memory>
#include <set>

#include "control/action.h"

namespace podwire::control {

/// Of an object in a cache, which it keeps alive: the graph holds what is there anyway.
using MetaPtr = std::shared_ptr<const kube::ObjectMeta>;

inline constexpr std::string_view kForegroundFinalizer = "foregroundDeletion";
inline constexpr std::string_view kOrphanFinalizer = "orphan";

/// Deletes what its owners leave behind. Holds the graph of ownerReferences, kept up to date object by
/// object, so that a deletion costs its dependents and not the cluster. An owner that it has never seen may
/// only be late (each resource has a watch of its own): it asks before it calls that one gone.
class GarbageCollector {
 public:
  /// Whether this owner exists is to be asked of the API.
  struct Question {
    kube::OwnerReference owner;
    std::string namespace_;  ///< of the dependent, and so of an owner that has one
  };

  /// An object was created or changed.
  void observe(const std::string& resource, const MetaPtr& meta);
  /// It is gone: it was deleted, or it is the answer to a question.
  void forget(const std::string& uid);

  /// What is to be done for all that changed since the last call. What it asks for must be performed, or the
  /// objects observed again.
  [[nodiscard]] Actions decide();

  /// What came up in decide(); the answer is observe() or forget().
  [[nodiscard]] std::vector<Question> take_questions();

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    std::string resource;
    MetaPtr meta;
  };

  [[nodiscard]] bool is_foreground(const std::string& uid) const;
  [[nodiscard]] bool blocks(const Node& dependent, const std::string& owner) const;
  void unlink(const Node& node);
  void decide_about(const Node& node, Actions& actions);
  void finish_owner(const Node& node, Actions& actions);
  void orphan_dependents(const Node& owner, Actions& actions);
  void drop_owners(const Node& node, Actions& actions);
  void mark_dependents(const std::string& uid);

  std::map<std::string, Node> nodes_;                           // by uid
  std::map<std::string, std::set<std::string>> dependents_of_;  // by the owner's uid, seen or not
  std::set<std::string> gone_;                                  // owners that have dependents still
  std::map<std::string, Question> questions_;
  std::set<std::string> changed_;
};

}  // namespace podwire::control
