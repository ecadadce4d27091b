#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>

#include "client/api.h"
#include "client/informer.h"
#include "control/loops/recorder.h"
#include "kubelet/blocking.h"
#include "kubelet/etc_files.h"
#include "kubelet/images.h"
#include "kubelet/sandbox.h"
#include "kubelet/sources.h"

namespace podwire::kubelet {

/// What the workers of a node's pods share. Outlives them.
struct Node {
  boost::asio::io_context& io;
  client::Api api;
  std::string name;
  std::vector<std::string> addresses;  ///< hostIPs
  Places places;
  NodeNetwork network;
  ClusterDns dns;
  std::string boot;
  Images& images;
  Blocking& blocking;
  control::Recorder& recorder;
  client::Informer<kube::Service>& services;
};

/// Now, to the microsecond.
[[nodiscard]] Time wall_clock();

}  // namespace podwire::kubelet
