#include "client/outage.h"

#include "base/log.h"
#include "client/refusal.h"

namespace podwire::client {
namespace {

constexpr int kCutsThatAreNormal = 2;

}  // namespace

void Outage::failed(const kube::Status& status, bool opened) {
  ++failures_;
  if (opened && failures_ <= kCutsThatAreNormal) {
    log::debug("a watch was cut", {{"resource", resource_}, {"why", sentence(status)}});
    return;
  }
  if (said_ && said_->code == status.code) return;
  said_ = Said{status.code, opened};
  log::warn("cannot list and watch, will try again", {{"resource", resource_}, {"why", sentence(status)}});
}

void Outage::opened() {
  if (said_ && !said_->opened) progress();
}

void Outage::progress() {
  failures_ = 0;
  if (!said_) return;
  said_.reset();
  log::warn("list and watch work again", {{"resource", resource_}});
}

}  // namespace podwire::client
