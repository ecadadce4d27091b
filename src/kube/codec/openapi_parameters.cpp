#include "kube/codec/openapi_parameters.h"

#include <span>

namespace podwire::kube {
namespace {

struct Parameter {
  std::string_view name, type, description;
};

constexpr Parameter kWrite[] = {
    {"dryRun", "string", "All: say what would happen, change nothing."},
    {"fieldManager", "string", "Who writes: the name under which the written fields are remembered."},
    {"fieldValidation", "string",
     "What becomes of fields that are unknown or there twice: Ignore, Warn or Strict."},
};
constexpr Parameter kForce[] = {
    {"force", "boolean", "For apply patches: take fields over from other managers."},
};
constexpr Parameter kRemove[] = {
    {"dryRun", "string", "All: say what would happen, change nothing."},
    {"gracePeriodSeconds", "integer", "How long it may take to end by itself; 0: at once."},
    {"propagationPolicy", "string",
     "What becomes of the objects that belong to it: Background, Foreground or Orphan."},
};
constexpr Parameter kSelect[] = {
    {"labelSelector", "string", "Only objects with such labels."},
    {"fieldSelector", "string", "Only objects with such fields."},
    {"limit", "integer", "At most so many objects at once."},
    {"continue", "string", "From the answer before: the next page."},
    {"resourceVersion", "string", "A state at least that new, or a watch from there."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"timeoutSeconds", "integer", "After how long a watch ends."},
};
constexpr Parameter kWatch[] = {
    {"watch", "boolean", "Answer with changes as they happen."},
    {"allowWatchBookmarks", "boolean", "Send the revision now and then, without a change."},
    {"sendInitialEvents", "boolean", "Begin a watch with all objects, and then a bookmark."},
};

constexpr Parameter kContainer[] = {
    {"container", "string", "Which of the pod's containers; needed where it has several."},
};
constexpr Parameter kLog[] = {
    {"follow", "boolean", "Go on as the log grows."},
    {"previous", "boolean", "Of the container's run before this one."},
    {"sinceSeconds", "integer", "Only what is not older than so many seconds."},
    {"sinceTime", "string", "Only what is not older than this time."},
    {"timestamps", "boolean", "Begin every line with its time."},
    {"tailLines", "integer", "Only so many lines at the end."},
    {"limitBytes", "integer", "At most so many bytes."},
    {"stream", "string", "All, Stdout or Stderr."},
    {"insecureSkipTLSVerifyBackend", "boolean", "Do not check the certificate of the pod's node."},
};
constexpr Parameter kStreams[] = {
    {"stdin", "boolean", "Pass what the client sends to the process."},
    {"stdout", "boolean", "Pass on what the process says."},
    {"stderr", "boolean", "Pass on what the process complains of."},
    {"tty", "boolean", "With a terminal between the two."},
};
constexpr Parameter kCommand[] = {
    {"command", "string", "The command's words: the parameter stands once for each."},
};
constexpr Parameter kPorts[] = {
    {"ports", "integer", "A port of the pod: the parameter stands once for each."},
};

void put(json::array& out, std::span<const Parameter> parameters) {
  for (const auto& p : parameters)
    out.push_back({{"name", p.name},
                   {"in", "query"},
                   {"description", p.description},
                   {"schema", {{"type", p.type}, {"uniqueItems", true}}}});
}

}  // namespace

json::array openapi_query(QueryParameters of) {
  json::array out;
  switch (of) {
    case QueryParameters::none:
      break;
    case QueryParameters::write:
      put(out, kWrite);
      break;
    case QueryParameters::patch:
      put(out, kWrite);
      put(out, kForce);
      break;
    case QueryParameters::remove:
      put(out, kRemove);
      break;
    case QueryParameters::list:
      put(out, kSelect);
      put(out, kWatch);
      break;
    case QueryParameters::remove_collection:
      put(out, kRemove);
      put(out, kSelect);
      break;
    case QueryParameters::log:
      put(out, kContainer);
      put(out, kLog);
      break;
    case QueryParameters::exec:
      put(out, kCommand);
      put(out, kContainer);
      put(out, kStreams);
      break;
    case QueryParameters::attach:
      put(out, kContainer);
      put(out, kStreams);
      break;
    case QueryParameters::port_forward:
      put(out, kPorts);
      break;
  }
  return out;
}

json::array openapi_path_parameters(std::string_view path) {
  json::array out;
  const auto add = [&](std::string_view braced, std::string_view name, std::string_view description) {
    if (!path.contains(braced)) return;
    out.push_back({{"name", name},
                   {"in", "path"},
                   {"required", true},
                   {"description", description},
                   {"schema", {{"type", "string"}, {"uniqueItems", true}}}});
  };
  add("{name}", "name", "The object's name.");
  add("{namespace}", "namespace", "The namespace that it is in.");
  return out;
}

}  // namespace podwire::kube
