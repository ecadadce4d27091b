#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

/// SPDY/3.1 as far as Kubernetes' port-forward uses it (draft-mbelshe-httpbis-spdy-00). No sockets here.
namespace podwire::streaming::spdy {

using Fields = std::vector<std::pair<std::string, std::string>>;  ///< names in lower case

/// One frame. Those that say nothing to us (settings, priorities, windows: peers here never wait for one) are
/// `other`.
struct Frame {
  enum class Kind : std::uint8_t { data, syn_stream, syn_reply, rst_stream, ping, goaway, other };
  Kind kind = Kind::other;
  std::uint32_t stream = 0;  ///< or a ping's number
  bool fin = false;          ///< the sender will send no more on this stream
  Fields fields;             ///< of syn_stream, syn_reply
  std::string data;
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// Takes bytes as they come, cut anywhere, and gives frames. Keeps the state that header blocks are
/// compressed with: one for each direction of a connection.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  void push(std::string_view bytes) { bytes_ += bytes; }
  /// nullopt: more bytes are needed. Error: this is not SPDY, or too large; nothing more can be read.
  Result<std::optional<Frame>> next();

 private:
  class Inflater;
  Result<Frame> control(std::uint16_t kind, std::uint8_t flags, std::string_view body);
  std::string bytes_;
  std::unique_ptr<Inflater> inflater_;
};

class FrameWriter {
 public:
  FrameWriter();
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  /// Bytes must be sent in the order in which they were made here. `data` up to 16 MiB.
  std::string encode(const Frame& frame);

 private:
  class Deflater;
  std::unique_ptr<Deflater> deflater_;
};

/// What both ends' compression begins with: the draft's 1,423 bytes.
[[nodiscard]] const std::string& header_dictionary();

}  // namespace podwire::streaming::spdy
