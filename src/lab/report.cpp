#include "lab/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

namespace podwire::lab {
namespace {
namespace json = boost::json;

json::object to_json(const Statement& statement) {
  json::object out{{"holds", statement.holds}, {"seen", statement.seen}};
  if (!statement.expected.empty()) out["expected"] = statement.expected;
  if (!statement.look.empty()) out["look"] = statement.look;
  return out;
}

json::object to_json(const StepReport& step) {
  json::array commands(step.commands.begin(), step.commands.end());
  json::array statements;
  for (const auto& s : step.statements) statements.emplace_back(to_json(s));
  return {{"id", step.id}, {"title", step.title}, {"commands", commands}, {"statements", statements}};
}

}  // namespace

std::size_t Report::checked() const {
  std::size_t n = 0;
  for (const auto& step : steps) n += step.statements.size();
  return n;
}

std::size_t Report::holding() const {
  std::size_t n = 0;
  for (const auto& step : steps)
    n += static_cast<std::size_t>(std::ranges::count_if(step.statements, &Statement::holds));
  return n;
}

bool Report::good() const { return broken_off.empty() && checked() > 0 && holding() == checked(); }

std::string Report::summary() const {
  const auto all = checked();
  const auto bad = all - holding();
  auto text = fmt::format("{} statement{} checked, {} hold{}", all, all == 1 ? "" : "s", all - bad,
                          all - bad == 1 ? "s" : "");
  if (bad > 0) text += fmt::format(", {} {} not", bad, bad == 1 ? "does" : "do");
  return text;
}

std::string Report::json() const {
  json::array parts;
  for (const auto& step : steps) parts.emplace_back(to_json(step));
  json::object all{{"good", good()}, {"checked", checked()}, {"holding", holding()}, {"steps", parts}};
  if (!broken_off.empty()) all["brokenOff"] = broken_off;
  return json::serialize(all) + "\n";
}

}  // namespace podwire::lab
