#include "client/reflector.h"

#include "client/reflection.h"

namespace podwire::client {

Reflector::Reflector(const Api& api, Selection selection, Sink& sink)
    : api_(api), selection_(std::move(selection)), sink_(sink) {}

Task<void> Reflector::run() {
  Reflection reflection(api_, selection_, sink_);
  co_await reflection.run();
}

}  // namespace podwire::client
