#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/query.h"

namespace podwire::server {

/// Whether the server is well: /livez (need not be started anew), /readyz (may be asked), and /healthz, the
/// older name of the former. In kube-apiserver's form: "ok", or every check on a line (`?verbose`, and always
/// where one fails); `?exclude=NAME` leaves one out; /readyz/NAME is that one alone.
class Health {
 public:
  struct Check {
    std::string name;
    std::function<bool()> passes;
    bool for_readiness_only = false;
  };
  void add(Check check) { checks_.push_back(std::move(check)); }

  struct Verdict {
    int code = 200;  ///< 500: a check fails; 404: there is no such check
    std::string text;
  };
  /// `of`: "livez", "readyz" or "healthz"; `check` empty: all.
  [[nodiscard]] Verdict ask(std::string_view of, std::string_view check, const Query& query) const;

 private:
  std::vector<Check> checks_;
};

}  // namespace podwire::server
