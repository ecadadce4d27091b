#pragma once
#include <memory>

#include "http/duplex.h"

namespace podwire::http {

/// A connection that has become a stream of bytes. Whoever waits for it keeps it: this may be destroyed at
/// any time.
template <class Connection>
class UpgradedStream final : public Duplex {
 public:
  explicit UpgradedStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  UpgradedStream(const UpgradedStream&) = delete;
  UpgradedStream& operator=(const UpgradedStream&) = delete;
  ~UpgradedStream() override { connection_->close(); }

  Task<Result<std::string>> read_some(std::size_t at_most) override {
    const auto connection = connection_;
    auto out = co_await connection->read_upgraded(at_most);
    co_return out;
  }
  Task<Result<>> write_all(std::string bytes) override {
    const auto connection = connection_;
    auto out = co_await connection->write_upgraded(std::move(bytes));
    co_return out;
  }
  void close() override { connection_->close(); }

 private:
  const std::shared_ptr<Connection> connection_;
};

}  // namespace podwire::http
