#pragma once
#include <optional>
#include <string>
#include <vector>

#include "client/api.h"
#include "control/action.h"
#include "control/loops/sightings.h"

namespace podwire::control {

class Recorder;

/// What came of Actions.
struct Performed {
  /// What must be seen before anything is decided anew from what is seen.
  std::vector<Expected> expected;
  /// Something was not as it had been seen (409): to be decided anew, and no fault.
  bool stale = false;
  bool name_taken = false;  ///< stale, since what was to be created is there (or something of its name)
  /// The first that failed, and on what: "create pods".
  std::optional<kube::Status> failure;
  std::string failed;
  /// A write may have been done or not (the connection broke): what there is of these resources now has to be
  /// seen first.
  std::vector<std::string> unsure;

  [[nodiscard]] bool clean() const { return !stale && !failure; }
};

/// Does what was decided, through the API.
class Performer {
 public:
  /// `component`: who the Events say they are from.
  Performer(client::Api api, Recorder& recorder, std::string component);

  /// In order. A conflict ends it: the rest was decided from what is no longer so. After a Create that failed
  /// those of the same resource are left for another time; what else there is to do is done. What is to be
  /// deleted may be gone already. Events are told, and not waited for.
  http::Task<Performed> perform(Actions actions);

  /// The server's present revision of the resource: everything that was done before is in it. nullopt: no
  /// answer.
  http::Task<std::optional<std::uint64_t>> revision_of(std::string resource);

 private:
  http::Task<bool> create(Create create, Performed& done);
  http::Task<void> patch(Patch patch, Performed& done);
  http::Task<void> remove(Delete deletion, Performed& done);

  client::Api api_;
  Recorder& recorder_;
  std::string component_;
};

}  // namespace podwire::control
