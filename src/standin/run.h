#pragma once
#include <string>
#include <vector>

/// Programs that answer as well-known images do, so that the manifests which people have at hand work where
/// there is no registry: hello-kubernetes, nginx, http-echo, agnhost and pause.
namespace podwire::standin {

/// Runs one of them with the arguments of its image until SIGTERM, SIGINT or SIGQUIT (at once, also as
/// process 1, whose children it reaps). Returns the exit status; what is wrong is said on standard error.
int run_stand_in(const std::vector<std::string>& name_and_arguments);

/// The names that it knows.
[[nodiscard]] std::vector<std::string> stand_in_names();

}  // namespace podwire::standin
