#include "apply/service_applier.h"

#include <cerrno>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "apply/podwire_table.h"

namespace podwire::apply {
namespace {

// ccache 4.7 does not know #embed; where it reads __TIME__ it looks at what the preprocessor printed
// (kube/schema.cpp).
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kShape[] = {
#embed "services.nft"
};
#pragma clang diagnostic pop

using Chains = std::vector<std::pair<std::string, std::string>>;
using ByKey = std::map<std::pair<state::NftBytes, state::NftBytes>, const state::NftElement*>;

ByKey by_key(const std::vector<state::NftElement>& elements) {
  ByKey out;
  for (const auto& element : elements) out[{element.key, element.key_end}] = &element;
  return out;
}

bool same(const state::NftElement& a, const state::NftElement& b) {
  return a.data == b.data && a.verdict == b.verdict && a.comment == b.comment;
}

void compare(const std::string& set, const std::vector<state::NftElement>& there,
             const std::vector<state::NftElement>& wanted, ServiceChange& out) {
  const auto old = by_key(there), fresh = by_key(wanted);
  for (const auto& [key, element] : old)
    if (const auto at = fresh.find(key); at == fresh.end() || !same(*element, *at->second))
      out.remove[set].push_back(*element);
  for (const auto& [key, element] : fresh)
    if (const auto at = old.find(key); at == old.end() || !same(*element, *at->second))
      out.add[set].push_back(*element);
}

std::size_t size_of(const state::NftElements& elements) {
  std::size_t out = 0;
  for (const auto& [set, list] : elements) out += list.size();
  return out;
}

}  // namespace

std::string_view services_shape() { return {kShape, std::size(kShape)}; }

const std::vector<std::string>& service_sets() {
  static const std::vector<std::string> kSets = [] {
    std::vector<std::string> out{"classes", "affine_pools", "remembered"};
    for (const auto* name : {"vips", "nodeports", "inside_vips", "inside_nodeports", "endpoints", "refused",
                             "refused_nodeports", "guarded", "admitted", "cluster_ips", "echo",
                             "service_cidrs", "pods", "routable", "nodeport_ips", "hairpin"})
      for (const auto* family : {"4", "6"}) out.push_back(std::string(name) + family);
    return out;
  }();
  return kSets;
}

std::size_t ServiceChange::size() const { return size_of(remove) + size_of(add); }

kernel::NftBatch ServiceApplier::batch_of(const ServiceChange& change) {
  kernel::NftBatch batch;
  // What leads somewhere goes before where it leads to, though all happens at once: a set that refuses its
  // part is then the one that the error names.
  for (const auto& [set, elements] : change.remove) batch.remove(podwire_set(set), elements);
  for (const auto& [set, elements] : change.add) batch.add(podwire_set(set), elements);
  return batch;
}

Result<> ServiceApplier::ensure_chains(const Chains& chains) {
  std::string text;
  if (!is_loaded_) {
    chains_.clear();
    text = services_shape();
  }
  for (const auto& [name, making] : chains)
    if (!chains_.contains(name)) text += making;
  if (text.empty()) return {};
  TRY(nft_.load_shape(text));
  is_loaded_ = true;
  for (const auto& [name, making] : chains) chains_.insert(name);
  return {};
}

Result<state::NftElements> ServiceApplier::read() {
  state::NftElements out;
  for (const auto& set : service_sets()) {
    auto there = nft_.elements(podwire_set(set));
    if (there)
      out[set] = std::move(*there);
    else if (there.error().sys_errno != ENOENT)
      return std::unexpected(std::move(there.error()));
    else
      is_loaded_ = false;
  }
  return out;
}

Result<> ServiceApplier::apply(const ServiceChange& change) {
  TRY(ensure_chains(change.chains));
  const auto batch = batch_of(change);
  if (batch.empty()) return {};
  auto done = nft_.commit(batch);
  if (done) return done;
  if (done.error().sys_errno != ENOENT) return apply_each(change);
  is_loaded_ = false;
  return done;
}

Result<> ServiceApplier::apply_each(const ServiceChange& change) {
  std::map<std::string, ServiceChange> owners;  // "": what several share
  for (const auto& [set, elements] : change.remove)
    for (const auto& element : elements) owners[element.comment].remove[set].push_back(element);
  for (const auto& [set, elements] : change.add)
    for (const auto& element : elements) owners[element.comment].add[set].push_back(element);
  ErrorList errors;
  const auto commit = [this](const ServiceChange& part) {
    const auto batch = batch_of(part);
    return batch.empty() ? Result<>() : nft_.commit(batch);
  };
  // What is shared comes before those who need it, and goes behind them.
  ServiceChange shared = std::move(owners[""]), last;
  owners.erase("");
  last.remove = std::exchange(shared.remove, {});
  errors.check(commit(shared));
  for (const auto& [owner, own] : owners)
    if (auto done = commit(own); !done)
      errors.add({.verb = "program Service",
                  .object = owner,
                  .sys_errno = done.error().sys_errno,
                  .detail = done.error().message()});
  errors.check(commit(last));
  return errors.result();
}

Result<ServiceChange> ServiceApplier::hold(const state::NftElements& wanted, const Chains& chains) {
  TRY(ensure_chains(chains));
  auto there = TRY(read());
  if (!is_loaded_) {  // somebody has flushed it since
    TRY(ensure_chains(chains));
    there = TRY(read());
  }
  ServiceChange change;
  static const std::vector<state::NftElement> kNone;
  for (const auto& set : service_sets()) {
    const auto at = wanted.find(set);
    compare(set, there[set], at == wanted.end() ? kNone : at->second, change);
  }
  TRY(apply(change));
  return change;
}

}  // namespace podwire::apply
