// A query's selectors: the first line is a labelSelector, the second a fieldSelector, the third names the
// resource. Whatever is accepted must mean the same when it is written out and read again.
#include <boost/json/object.hpp>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kube/rules/field_selector.h"
#include "kube/rules/label_selector.h"

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

void check_refusal(const Status& status) { must(status.code == 400 && !status.message.empty()); }

/// Labels that some of the requirements ask for, so that matching is not always the short way.
json::object likely_labels(const LabelSelector& selector) {
  json::object out;
  for (const auto& requirement : selector.requirements())
    out[requirement.key] = requirement.values.empty() ? "x" : requirement.values.front();
  return out;
}

void check_labels(std::string_view text) {
  const auto selector = LabelSelector::parse(text);
  if (!selector) return check_refusal(selector.error());
  const auto again = LabelSelector::parse(selector->str());
  must(again.has_value() && *again == *selector);
  const auto labels = likely_labels(*selector);
  must(selector->matches(&labels) == selector->matches(labels_in(labels)));
  must(selector->matches(nullptr) == selector->matches(Labels()));
  must(!selector->selects_all() || selector->matches(Labels()));
}

void check_fields(std::string_view resource, std::string_view text) {
  const auto selector = FieldSelector::parse(resource, text);
  if (!selector) return check_refusal(selector.error());
  json::object object;
  for (const auto& condition : selector->conditions()) {
    const auto dot = condition.field.find('.');
    if (dot == std::string::npos) continue;
    auto& part = object_at(object, condition.field.substr(0, dot));
    part[condition.field.substr(dot + 1)] = condition.value;
  }
  must(selector->matches(object) == selector->matches(selectable_fields(resource, object)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_labels(cut_line(text));
  const auto fields = cut_line(text);
  check_fields(cut_line(text), fields);
  return 0;
}
