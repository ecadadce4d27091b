#include "cni/table.h"

#include <algorithm>
#include <map>

namespace podwire::cni {
namespace {

/// Only a published port can belong to somebody else: such a map takes an element once. The other sets hold
/// facts that may be told twice.
bool exclusive(const OwnedElement& e) { return e.set.starts_with("published"); }

kernel::NftBatch batch_of(const Attachment& a) {
  std::map<std::string, std::vector<state::NftElement>> create, add;
  for (const auto& e : a.elements) (exclusive(e) ? create : add)[e.set].push_back(e.element);
  for (const auto& e : a.network_elements) add[e.set].push_back(e.element);
  kernel::NftBatch batch;
  for (auto& [set, elements] : add) batch.add(nft_set(set), std::move(elements));
  for (auto& [set, elements] : create) batch.create(nft_set(set), std::move(elements));
  return batch;
}

/// After EEXIST: which port, and whose it is.
CniResult<> port_taken(kernel::Nft& nft, const Attachment& a, const Error& error) {
  for (const auto& e : a.elements) {
    if (!exclusive(e)) continue;
    const auto there = nft.get(nft_set(e.set), e.element.key);
    if (!there || !*there) continue;
    const auto bytes = e.element.key.bytes();
    const auto port =
        static_cast<unsigned>(bytes[bytes.size() - 4]) << 8 | static_cast<unsigned>(bytes[bytes.size() - 3]);
    return refuse(Code::port_taken,
                  "runtimeConfig.portMappings: host port " + std::to_string(port) + " is already published",
                  "by " + (*there)->comment);
  }
  return refuse(Code::kernel_refused, error.message());
}

/// A key_end is the range's; a get by its first key finds the range that holds it.
bool same(const state::NftElement& wanted, const state::NftElement& found) {
  return wanted.comment == found.comment && wanted.data == found.data;
}

}  // namespace

CniResult<> add_elements(kernel::Nft& nft, const Attachment& a) {
  const auto batch = batch_of(a);
  if (batch.empty()) return {};
  auto done = nft.commit(batch);
  if (!done && done.error().sys_errno == ENOENT) {
    TRY(as_cni(nft.load_shape(nft_shape())));
    done = nft.commit(batch);
  }
  if (done) return {};
  if (done.error().sys_errno == EEXIST) return port_taken(nft, a, done.error());
  return refuse(Code::kernel_refused, done.error().message());
}

Result<> remove_elements(kernel::Nft& nft, const std::vector<OwnedElement>& elements) {
  std::map<std::string, std::vector<state::NftElement>> ours;
  for (const auto& e : elements) {
    const auto found = nft.get(nft_set(e.set), e.element.key);
    if (!found && found.error().sys_errno == ENOENT) continue;  // the table is gone: flushed by someone
    if (!found) return std::unexpected(found.error());
    if (*found && same(e.element, **found)) ours[e.set].push_back(e.element);
  }
  kernel::NftBatch batch;
  for (auto& [set, list] : ours) batch.remove(nft_set(set), std::move(list));
  if (batch.empty()) return {};
  return nft.commit(batch);
}

Result<std::optional<OwnedElement>> missing_element(kernel::Nft& nft,
                                                    const std::vector<OwnedElement>& elements) {
  for (const auto& e : elements) {
    const auto found = nft.get(nft_set(e.set), e.element.key);
    if (!found && found.error().sys_errno != ENOENT) return std::unexpected(found.error());
    if (!found || !*found || (*found)->data != e.element.data) return e;
  }
  return std::nullopt;
}

}  // namespace podwire::cni
