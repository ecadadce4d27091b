#include "server/store/snapshot.h"

#include <algorithm>
#include <map>

namespace podwire::server {
namespace {

/// Objects that changed since a revision, as they were then; nullptr: were not there.
using Past = std::map<NameView, ObjectPtr>;

bool in_scope(const NameView& name, const ListQuery& query) { return !query.ns || name.first == *query.ns; }

/// Everything that the query lists is after this or, without `after` in the query, at this.
NameView begin_of(const ListQuery& query) {
  NameView start;
  if (query.ns) start.first = *query.ns;
  if (query.after) start = std::max(start, NameView(query.after->first, query.after->second));
  return start;
}

bool is_after(const NameView& name, const ListQuery& query) {
  return !query.after || name > NameView(query.after->first, query.after->second);
}

Past past_of(const EventRing& since, const ListQuery& query) {
  Past past;
  for (const auto& event : since.after(query.revision)) {
    const auto name = name_of(*event.object);
    if (in_scope(name, query) && is_after(name, query)) past.try_emplace(name, event.previous);
  }
  return past;
}

/// Takes the objects in order, and says when it needs no more.
class Pager {
 public:
  Pager(const ListQuery& query, Page& page) : query_(query), page_(page) {}

  bool take(const ObjectPtr& object) {
    if (query_.matches && !query_.matches(*object)) return true;
    if (query_.limit == 0 || page_.items.size() < query_.limit) {
      page_.items.push_back(object);
      return true;
    }
    page_.more = true;
    if (query_.matches) return false;
    ++page_.remaining;
    return true;
  }

 private:
  const ListQuery& query_;
  Page& page_;
};

}  // namespace

Page list_as_of(const Collection& now, const EventRing& since, const ListQuery& query) {
  Page page{.revision = query.revision};
  Pager pager(query, page);
  const Past past = past_of(since, query);
  auto old = past.begin();
  const auto& slots = now.slots();
  for (auto slot = slots.lower_bound(begin_of(query)); slot != slots.end(); ++slot) {
    const auto name = name_of(*slot->object);
    if (!in_scope(name, query)) break;
    if (!is_after(name, query)) continue;
    bool changed = false;
    for (; old != past.end() && old->first <= name; ++old) {
      changed = old->first == name;
      if (old->second && !pager.take(old->second)) return page;
    }
    if (!changed && !pager.take(slot->object)) return page;
  }
  for (; old != past.end(); ++old)
    if (old->second && !pager.take(old->second)) return page;
  return page;
}

}  // namespace podwire::server
