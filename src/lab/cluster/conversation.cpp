#include "lab/cluster/conversation.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <map>

namespace podwire::lab {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLongestRequest = 1 << 16;

std::string text(const json::object& request, std::string_view key) {
  const auto* value = request.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::object refusal(const Error& error) {
  return {
      {"error", error.verb}, {"object", error.object}, {"errno", error.sys_errno}, {"advice", error.detail}};
}

json::object outcome(const Result<>& result) {
  return result ? json::object{{"ok", true}} : refusal(result.error());
}

}  // namespace

std::string refusal_line(const Error& error) { return json::serialize(refusal(error)) + "\n"; }

struct Conversations::Client {
  asio::local::stream_protocol::socket socket;
  asio::streambuf buffer{kLongestRequest};
  bool gone = false;
  bool impatient = false;  ///< asks for something else

  /// nullopt: it has gone, or does not speak our language.
  http::Task<std::optional<json::object>> next() {
    [[maybe_unused]] const auto [error, size] = co_await asio::async_read_until(socket, buffer, '\n', kTuple);
    if (error) co_return std::nullopt;
    const std::string line(static_cast<const char*>(buffer.data().data()), size);
    buffer.consume(size);
    boost::system::error_code wrong;
    auto value = json::parse(line, wrong);
    if (wrong || !value.is_object()) co_return std::nullopt;
    co_return std::move(value.get_object());
  }

  http::Task<void> say(json::object object) {
    const std::string line = json::serialize(object) + "\n";
    [[maybe_unused]] const auto [error, size] =
        co_await asio::async_write(socket, asio::buffer(line), kTuple);
    gone = gone || error;
  }

  /// Has it closed its end, or said something? Nothing is read.
  void look() {
    char byte = 0;
    const auto n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    impatient = n > 0;
    gone = gone || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  }
};

Conversations::Conversations(Cluster& cluster, std::function<Result<>()> take_down, std::function<void()> end)
    : cluster_(cluster), take_down_(std::move(take_down)), end_(std::move(end)) {}

void Conversations::changed() {
  for (auto* signal : waiting_) signal->wake();
}

http::Task<void> Conversations::talk(asio::local::stream_protocol::socket socket) {
  Client client{.socket = std::move(socket)};
  ++clients_;
  while (!client.gone) {
    const auto request = co_await client.next();
    if (!request) break;
    co_await answer(client, *request);
  }
  --clients_;
}

http::Task<void> Conversations::answer(Client& client, const json::object& request) {
  const auto verb = text(request, "do");
  if (verb == "status") {
    json::object reply{{"ok", true}};
    reply["status"] = cluster_.status();
    co_await client.say(std::move(reply));
  } else if (verb == "wait") {
    co_await wait_for_nodes(client, request);
  } else if (verb == "keep") {
    kept_ = true;
    co_await client.say({{"ok", true}});
  } else if (verb == "down") {
    const auto down = take_down_();
    auto reply = outcome(down);
    co_await client.say(std::move(reply));
    end_();
  } else {
    auto node = text(request, "node");
    const auto done = co_await change_node(verb, node);
    auto reply = outcome(done);
    if (done) reply["node"] = node;
    co_await client.say(std::move(reply));
  }
}

http::Task<Result<>> Conversations::change_node(const std::string& verb, std::string& node) {
  if (verb == "add") {
    auto added = cluster_.add(node);
    if (!added) co_return std::unexpected(std::move(added.error()));
    node = *added;
    co_return Result<>{};
  }
  if (verb == "remove") {
    auto removed = co_await cluster_.remove(node);
    co_return removed;
  }
  if (verb == "start") co_return cluster_.switch_on(node);
  if (verb == "stop") co_return cluster_.switch_off(node);
  if (verb == "restart") {
    auto off = cluster_.state(node) == "off" ? Result<>() : cluster_.switch_off(node);
    co_return off ? cluster_.switch_on(node) : off;
  }
  co_return fail("understand request", verb, EINVAL);
}

http::Task<void> Conversations::wait_for_nodes(Client& client, const json::object& request) {
  std::vector<std::string> wanted;
  if (const auto* given = request.if_contains("nodes"); given != nullptr && given->is_array()) {
    for (const auto& name : given->get_array())
      if (name.is_string()) wanted.emplace_back(name.get_string());
  } else {
    wanted = cluster_.node_names();
  }
  http::Signal signal(client.socket.get_executor());
  const auto place = waiting_.insert(waiting_.end(), &signal);
  std::map<std::string, std::string> told;
  bool all = false;
  while (!client.gone && !all) {
    all = true;
    for (const auto& name : wanted) {
      const auto state = cluster_.state(name);
      const auto trouble = cluster_.trouble(name);
      all = all && state == "Ready";
      auto& last = told[name];
      if (last == state + " " + trouble) continue;
      last = state + " " + trouble;
      json::object line{{"node", name}, {"state", state}};
      if (!trouble.empty() && state != "Ready") line["trouble"] = trouble;
      co_await client.say(std::move(line));
    }
    if (all || client.impatient || cluster_.hopeless() || cluster_.failure()) break;
    co_await signal.wait(http::after(std::chrono::milliseconds(500)));
    client.look();
  }
  waiting_.erase(place);
  json::object last{{"ok", true}};
  if (cluster_.failure())
    last = refusal(*cluster_.failure());
  else if (client.impatient)
    last = refusal({.verb = "wait for the nodes", .sys_errno = ECANCELED});
  else if (!all)
    last = refusal({.verb = "wait for the nodes", .detail = "a program of theirs refuses its command line"});
  co_await client.say(std::move(last));
}

}  // namespace podwire::lab
