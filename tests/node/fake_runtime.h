#pragma once
#include <boost/asio/io_context.hpp>
#include <map>
#include <string>

#include "streaming/pod_runtime.h"

namespace podwire::streaming {

/// Every pod "web" has one container "c" whose processes are this machine's, and whose ports are its
/// loopback's. Its log is a file; `previous` is the file with ".previous" behind its name. Container
/// "creating" is not there yet.
class FakeRuntime final : public PodRuntime {
 public:
  FakeRuntime(boost::asio::io_context& io, std::string log) : io_(io), log_(std::move(log)) {}

  Answer<LogFile> log_of(const ContainerRef& container, bool previous) override;
  Task<Answer<std::unique_ptr<RunningProcess>>> exec(const ContainerRef& container,
                                                     ExecOptions options) override;
  Task<Answer<std::unique_ptr<RunningProcess>>> attach(const ContainerRef& container,
                                                       ExecOptions options) override;
  Task<Answer<UniqueFd>> connect(const ContainerRef& pod, std::uint16_t port) override;

 private:
  boost::asio::io_context& io_;
  std::string log_;
};

}  // namespace podwire::streaming
