// An object that someone writes: the first line names the resource, the second is the object, the third the
// one that it replaces. Defaults must be settled after one pass; no object may crash the checks.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kube/rules/rules.h"

using namespace podwire::kube;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view cut_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void check_answer(const Answer<>& answer) {
  if (answer) return;
  must(answer.error().code == 422 && !answer.error().causes.empty());
  must(!json::serialize(to_json(answer.error())).empty());
}

json::object read_object(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error || !value.is_object() ? json::object() : std::move(value.get_object());
}

const Rules* find_rules(std::string_view resource) {
  try {
    return &rules_of(resource);
  } catch (const std::logic_error&) {
    return nullptr;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto* rules = find_rules(cut_line(text));
  if (rules == nullptr) return 0;
  auto object = read_object(cut_line(text));
  auto old = read_object(cut_line(text));
  rules->default_object(object);
  auto again = object;
  rules->default_object(again);
  must(again == object);
  rules->prepare_create(again);
  check_answer(rules->validate_create(again));
  rules->default_object(old);
  auto status = object;
  rules->prepare_status_update(status, old);
  check_answer(rules->validate_status_update(status, old));
  rules->prepare_update(object, old);
  check_answer(rules->validate_update(object, old));
  return 0;
}
