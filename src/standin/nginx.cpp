#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "standin/programs.h"

namespace podwire::standin {
namespace {

constexpr std::string_view kWelcome = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Welcome to nginx!</title></head>
<body>
  <h1>Welcome to nginx!</h1>
  <p>This page comes from podwire's stand-in for the nginx image. Mount a volume at
  <code>/usr/share/nginx/html</code> to see files of your own here.</p>
</body>
</html>
)";

constexpr std::array kTypes{
    std::pair<std::string_view, std::string_view>{".html", "text/html; charset=utf-8"},
    std::pair<std::string_view, std::string_view>{".css", "text/css"},
    std::pair<std::string_view, std::string_view>{".js", "text/javascript"},
    std::pair<std::string_view, std::string_view>{".json", "application/json"},
    std::pair<std::string_view, std::string_view>{".svg", "image/svg+xml"},
    std::pair<std::string_view, std::string_view>{".png", "image/png"},
    std::pair<std::string_view, std::string_view>{".jpg", "image/jpeg"},
    std::pair<std::string_view, std::string_view>{".ico", "image/x-icon"},
    std::pair<std::string_view, std::string_view>{".txt", "text/plain; charset=utf-8"},
};

std::string_view type_of(std::string_view path) {
  for (const auto& [suffix, type] : kTypes)
    if (path.ends_with(suffix)) return type;
  return "application/octet-stream";
}

bool is_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Response refusal(int status, std::string_view words) {
  return {
      .status = status,
      .content_type = "text/html; charset=utf-8",
      .body = fmt::format("<html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1></body></html>\n",
                          status, words)};
}

Response file_at(const std::string& root, const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return refusal(405, "Not Allowed");
  // A path that climbs is refused instead of computed.
  if (request.path.contains("/../") || request.path.ends_with("/..") || request.path.contains('\0'))
    return refusal(400, "Bad Request");
  auto path = root + request.path;
  if (is_directory(path)) path += path.ends_with('/') ? "index.html" : "/index.html";
  auto content = read_file(path, 64 << 20);
  if (content) return {.content_type = std::string(type_of(path)), .body = std::move(*content)};
  if (content.error().sys_errno == EACCES) return refusal(403, "Forbidden");
  if (request.path == "/" && !is_directory(root))
    return {.content_type = "text/html; charset=utf-8", .body = std::string(kWelcome)};
  return refusal(404, "Not Found");
}

}  // namespace

/// In place of nginx: static files on port 80. Its arguments ("nginx -g 'daemon off;'") mean nothing here.
Result<Program> nginx(const std::vector<std::string>&, const Surroundings& around) {
  const std::string root(around.variable("NGINX_ROOT", "/usr/share/nginx/html"));
  const auto port = TRY(port_of("NGINX_PORT", around.variable("NGINX_PORT", "80")));
  return Program{.name = "nginx",
                 .site = at_once([root](const Request& request) { return file_at(root, request); }),
                 .http_port = port};
}

}  // namespace podwire::standin
