#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/container_store.h"
#include "docker/inspect.h"
#include "oci/image_store.h"

namespace podwire::cli {
namespace {

/// Images are shared by all sites, so a container of any of them keeps its image.
Result<std::vector<std::string>> images_in_use(const docker::Roots& roots) {
  std::vector<std::string> out;
  for (const auto& site : TRY(list_directory(roots.state + "/docker")))
    for (const auto& c :
         TRY(docker::ContainerStore(fmt::format("{}/docker/{}/containers", roots.state, site)).list())
             .containers)
      out.push_back(c.image_id);
  return out;
}

oci::ImageStore store_of(const Context& context) {
  return oci::ImageStore(context.roots().state + "/images");
}

void add_import(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "import",
                        "Take the images out of an archive that docker save or an OCI layout is packed in",
                        "  podwire image import app.tar\n"
                        "  podwire image import app.tar.gz myapp:1\n"
                        "  tar -C oci-layout -cf - . | podwire image import - myapp");
  auto file = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  verb->add_option("file", *file, "The archive, also gzipped; - is standard input")->required();
  verb->add_option("name", *name, "One more name for it");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      for (const auto& image : TRY(store_of(context).import(*file, *name)))
        print_line(fmt::format("Loaded: {}", image.names.empty()
                                                 ? "sha256:" + image.id
                                                 : fmt::format("{}", fmt::join(image.names, ", "))));
      return {};
    });
  });
}

void add_list(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "ls", "List images", "  podwire image ls\n  podwire image ls -o yaml");
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto images = TRY(store_of(context).list());
      if (output->structured()) {
        boost::json::array all;
        for (const auto& image : images) all.push_back(docker::inspect_image(image));
        print_value(all, *output);
        return {};
      }
      std::vector<std::string> headers{"NAME", "IMAGE ID", "CREATED", "COMMAND"};
      if (output->wide()) headers.insert(headers.end(), {"USER", "PORTS", "ROOT"});
      Table table(headers);
      const auto now = std::chrono::system_clock::now();
      for (const auto& image : images) {
        const auto& config = image.config;
        if (output->ids_only) print_line(image.id.substr(0, 12));
        auto command = config.entrypoint;
        command.insert(command.end(), config.command.begin(), config.command.end());
        const bool built = config.labels.contains("podwire.built-from");
        auto names = image.names;
        if (names.empty()) names.emplace_back(built ? "alpine, busybox (built in)" : "<none>");
        for (const auto& name : names) {
          std::vector<std::string> row{name, output->wide() ? image.id : image.id.substr(0, 12),
                                       config.created.empty() ? "-" : docker::ago(config.created, now),
                                       fmt::format("{}", fmt::join(command, " "))};
          if (output->wide())
            row.insert(row.end(), {config.user.empty() ? "root" : config.user,
                                   fmt::format("{}", fmt::join(config.exposed_ports, ",")), image.rootfs});
          table.add(std::move(row));
        }
      }
      if (!output->ids_only) print_table(table);
      return {};
    });
  });
}

void add_inspect(CLI::App& app, Context& context) {
  auto* verb =
      add_verb(app, context, "inspect", "Show an image's configuration", "  podwire image inspect myapp:1");
  auto names = std::make_shared<std::vector<std::string>>();
  auto output = std::make_shared<OutputOption>();
  verb->add_option("name", *names, "Names or ids")->required();
  add_inspect_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      boost::json::array all;
      for (const auto& name : *names) all.push_back(docker::inspect_image(TRY(store_of(context).find(name))));
      print_value(all, *output);
      return {};
    });
  });
}

void add_remove(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "rm", "Remove images", "  podwire image rm myapp:1");
  auto names = std::make_shared<std::vector<std::string>>();
  verb->add_option("name", *names, "Names or ids")->required();
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto in_use = TRY(images_in_use(context.roots()));
      for (const auto& name : *names)
        for (const auto& line : TRY(store_of(context).remove(name, in_use))) print_line(line);
      return {};
    });
  });
}

}  // namespace

void add_image(CLI::App& app, Context& context) {
  auto* noun = add_noun(app, "image", "Root file systems for containers, without a registry");
  add_import(*noun, context);
  add_list(*noun, context);
  add_inspect(*noun, context);
  add_remove(*noun, context);
}

}  // namespace podwire::cli
