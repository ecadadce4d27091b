#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "docker/container.h"
#include "docker/site.h"
#include "runtime/cni_client.h"

namespace podwire::docker {

/// podwire-cni with the configuration of one network, in the site's network namespace.
class CniClient {
 public:
  CniClient(const Site& site, boost::json::object conflist);

  /// As runtime::CniClient.
  Result<boost::json::object> add(const std::string& container_id, const Attachment& attachment) const {
    return client_.add(subject(container_id, attachment));
  }
  Result<> del(const std::string& container_id, const Attachment& attachment) const {
    return client_.del(subject(container_id, attachment));
  }
  Result<> collect_garbage(const std::vector<std::string>& valid) const {
    return client_.collect_garbage(valid);
  }

 private:
  [[nodiscard]] runtime::CniSubject subject(const std::string& container_id,
                                            const Attachment& attachment) const;
  const Site& site_;
  runtime::CniClient client_;
};

/// Takes from a plugin's result what a container's record keeps. Errors name the field.
Result<> take_result(const boost::json::object& result, Attachment& into);

}  // namespace podwire::docker
