#pragma once
#include "http/request_reader.h"
#include "http/server.h"
#include "http/signal.h"
#include "http/transport.h"

namespace podwire::http {

/// One client's connection: its opening, its requests one after the other, and their answers.
class Connection final : public Responder, public std::enable_shared_from_this<Connection> {
 public:
  Connection(const boost::asio::any_io_executor& executor, std::unique_ptr<Transport> stream,
             const Limits& limits, const Handler& handler, const Complain& complain);

  /// Until the client goes, or is sent away.
  Task<void> serve();
  /// One request is answered with 503, and that is all.
  void refuse_service() { too_many_ = true; }
  void stop();
  void close();
  /// Ends what the client is too slow for. Called now and then.
  void check(Clock::time_point now);

  Task<bool> send(int status, Headers headers, std::string body) override;
  Task<bool> begin(int status, Headers headers) override;
  Task<bool> write(std::string piece) override;
  Task<bool> end() override;
  Task<void> wait(std::chrono::milliseconds at_most) override;
  void wake() override { signal_.wake(); }
  [[nodiscard]] bool gone() const override { return gone_ || stopping_; }
  void be_patient() override { patient_ = true; }
  Task<Result<std::unique_ptr<Duplex>>> upgrade(Headers headers) override;

  /// For the stream that upgrade() gave away.
  Task<Result<std::string>> read_upgraded(std::size_t at_most);
  Task<Result<>> write_upgraded(std::string bytes);

 private:
  /// What the connection waits for: what happens when its time is over.
  enum class Phase : std::uint8_t { opening, idle, header, body, handling, lingering };

  Task<std::expected<Request, Refusal>> read();
  Task<void> handle(const Request& request);
  Task<bool> put(std::string bytes);
  Task<void> refuse(int status, std::string_view sentence);
  Task<void> linger();
  Task<void> listen_for_end();
  void enter(Phase phase, std::chrono::seconds time);

  const boost::asio::any_io_executor executor_;
  const std::unique_ptr<Transport> stream_;
  const Limits& limits_;
  const Handler& handler_;
  const Complain& complain_;
  RequestReader reader_;
  Signal signal_;
  Clock::time_point deadline_;
  Peer peer_;
  std::string upgraded_rest_;  ///< what came behind the request, not read yet
  Phase phase_ = Phase::opening;
  bool late_ = false;  ///< the present request took too long
  bool too_many_ = false, stopping_ = false;
  bool head_ = false;  ///< the request was a HEAD
  bool keep_alive_ = true;
  bool answered_ = false;   ///< the present request has its status line
  bool patient_ = false;    ///< with who takes the present answer
  bool streaming_ = false;  ///< ... and its end is not written yet
  bool listening_ = false;  ///< listen_for_end() is at work
  bool upgraded_ = false;   ///< the bytes are somebody else's
  bool gone_ = false;
};

}  // namespace podwire::http
