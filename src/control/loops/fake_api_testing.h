#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "http/client.h"
#include "kube/json.h"
#include "kube/status.h"
#include "kube/types/read.h"

namespace podwire::control::testing {

namespace json = kube::json;

/// The Kubernetes API as far as controllers use it: lists, watches, writes with their preconditions,
/// finalizers and graceful deletion of pods, on one revision. No validation and no defaults. Faults as a test
/// wants them: a write that is refused, or lost, or done without an answer; watches that are late, or break.
class FakeApi final : public http::Client {
 public:
  using Key = std::pair<std::string, std::string>;  ///< namespace, name
  enum class Fault {
    refused,     ///< 500, and not done
    lost,        ///< no answer, and not done
    unanswered,  ///< no answer, but done
  };

  explicit FakeApi(std::function<kube::Time()> now) : now_(std::move(now)) {}

  http::Task<Result<http::Reply>> send(http::Call call) override;
  http::Task<Result<std::unique_ptr<http::Incoming>>> open(http::Call call) override;

  // What others than the client under test do.
  json::object create(const std::string& resource, json::object object);
  void change(const std::string& resource, const std::string& ns, const std::string& name,
              const std::function<void(json::object&)>& how);
  void erase(const std::string& resource, const std::string& ns, const std::string& name);

  [[nodiscard]] const json::object* find(const std::string& resource, const std::string& ns,
                                         const std::string& name) const;
  [[nodiscard]] std::vector<const json::object*> all(const std::string& resource) const;
  template <class T>
  [[nodiscard]] std::vector<T> typed(const std::string& resource) const {
    std::vector<T> out;
    for (const auto* object : all(resource)) out.push_back(kube::typed_from<T>(json::value(*object)).value());
    return out;
  }

  /// Asked before each write; by default none fails.
  std::function<std::optional<Fault>(const http::Call&)> fault;
  /// Told after each write that was done.
  std::function<void(const http::Call&, const std::string& resource)> written;
  int writes = 0;                 ///< that were tried, without those of Events
  std::vector<http::Call> calls;  ///< all but watches

  /// From now on watches do not hear of what happens, until they are let.
  void hold_watches() { held_ = true; }
  /// The next event that is held back is told; false: there is none.
  bool release_one(const std::string& resource);
  void release_all();
  void break_watches();
  [[nodiscard]] std::set<std::string> resources_held() const;

 private:
  struct Event {
    std::uint64_t revision;
    std::string type;
    json::object object;
  };
  struct Collection {
    std::map<Key, json::object> objects;
    std::deque<Event> log;
    std::size_t told = 0;  // of the log: what watches may hear of
  };
  struct Path {
    std::string resource, ns, name, subresource;
  };
  class Watch;

  static std::optional<Path> path_of(const http::Target& target);
  kube::Answer<json::object> answer(const http::Call& call, const Path& path);
  json::object list(const Path& path);
  kube::Answer<json::object> post(const Path& path, json::object body);
  kube::Answer<json::object> patch(const Path& path, const json::object& merge);
  kube::Answer<json::object> remove(const Path& path, const json::object& options);
  json::object store(const std::string& resource, json::object object, const char* type);
  void drop(const std::string& resource, const Key& key);
  void wake();

  std::function<kube::Time()> now_;
  std::map<std::string, Collection> collections_;
  std::set<Watch*> watches_;
  std::uint64_t revision_ = 100;
  int names_ = 0;
  bool held_ = false;
};

}  // namespace podwire::control::testing
