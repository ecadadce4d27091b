#include "streaming/spdy_frame.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>

namespace podwire::streaming::spdy {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kLongestFrame = 1 << 20;    // of data: what peers send at once is 32 KiB
constexpr std::size_t kLongestFields = 64 << 10;  // of a header block, when it is inflated
constexpr std::uint16_t kVersion = 3;
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint32_t kControl = 0x80000000, kStreamMask = 0x7fffffff;

enum class Type : std::uint16_t {
  syn_stream = 1,
  syn_reply = 2,
  rst_stream = 3,
  ping = 6,
  goaway = 7,
  headers = 8,
};

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = at; i < at + size; ++i) out = out << 8U | static_cast<std::uint8_t>(bytes[i]);
  return out;
}

void add(std::string& out, std::uint32_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

std::unexpected<Error> broken(std::string_view why) { return fail("read frame", "of SPDY", 0, why); }

Result<Fields> fields_of(std::string_view block) {
  Fields out;
  if (block.size() < 4) return broken("its header block is cut off");
  const auto take = [&]() -> std::optional<std::string_view> {
    if (block.size() < 4 || block.size() - 4 < number(block, 0, 4)) return std::nullopt;
    const auto text = block.substr(4, number(block, 0, 4));
    block.remove_prefix(4 + text.size());
    return text;
  };
  const auto count = number(block, 0, 4);
  block.remove_prefix(4);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto name = take();
    const auto value = name ? take() : std::nullopt;
    if (!value) return broken("its header block is cut off");
    out.emplace_back(*name, *value);
  }
  return out;
}

std::string block_of(const Fields& fields) {
  std::string out;
  add(out, static_cast<std::uint32_t>(fields.size()), 4);
  for (const auto& [name, value] : fields)
    for (const auto& text : {name, value}) {
      add(out, static_cast<std::uint32_t>(text.size()), 4);
      out += text;
    }
  return out;
}

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

}  // namespace

class FrameReader::Inflater {
 public:
  Inflater() { ready_ = ::inflateInit(&stream_) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  Result<std::string> inflate(std::string_view packed) {
    std::string out;
    std::array<char, 4096> piece{};
    stream_.next_in = const_cast<Bytef*>(bytes_of(packed));
    stream_.avail_in = static_cast<uInt>(packed.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = piece.size();
      int done = ready_ ? ::inflate(&stream_, Z_SYNC_FLUSH) : Z_MEM_ERROR;
      if (done == Z_NEED_DICT) {
        const auto& dictionary = header_dictionary();
        done = ::inflateSetDictionary(&stream_, bytes_of(dictionary), static_cast<uInt>(dictionary.size()));
      }
      out.append(piece.data(), piece.size() - stream_.avail_out);
      if (done == Z_BUF_ERROR) break;  // nothing was left to do: so ends an exact fit
      if (done != Z_OK) return broken("its header block does not inflate");
      if (out.size() > kLongestFields) return broken("its header block is too large");
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return out;
  }

 private:
  z_stream stream_{};
  bool ready_;
};

class FrameWriter::Deflater {
 public:
  Deflater() {
    const auto& dictionary = header_dictionary();
    ::deflateInit(&stream_, Z_BEST_SPEED);
    ::deflateSetDictionary(&stream_, bytes_of(dictionary), static_cast<uInt>(dictionary.size()));
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { ::deflateEnd(&stream_); }

  std::string deflate(std::string_view block) {
    std::string out(::deflateBound(&stream_, block.size()) + 64, '\0');
    stream_.next_in = const_cast<Bytef*>(bytes_of(block));
    stream_.avail_in = static_cast<uInt>(block.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

FrameReader::FrameReader() : inflater_(std::make_unique<Inflater>()) {}
FrameReader::~FrameReader() = default;
FrameWriter::FrameWriter() : deflater_(std::make_unique<Deflater>()) {}
FrameWriter::~FrameWriter() = default;

Result<std::optional<Frame>> FrameReader::next() {
  if (bytes_.size() < kHeader) return std::nullopt;
  const auto first = number(bytes_, 0, 4);
  const auto flags = static_cast<std::uint8_t>(bytes_[4]);
  const auto length = number(bytes_, 5, 3);
  if (length > kLongestFrame) return broken("it is too large");
  if (bytes_.size() < kHeader + length) return std::nullopt;
  const auto body = bytes_.substr(kHeader, length);
  bytes_.erase(0, kHeader + length);
  if ((first & kControl) == 0)
    return Frame{.kind = Frame::Kind::data, .stream = first, .fin = (flags & kFin) != 0, .data = body};
  if ((first >> 16U & 0x7fffU) != kVersion) return broken("it is not of version 3");
  return TRY(control(static_cast<std::uint16_t>(first & 0xffffU), flags, body));
}

Result<Frame> FrameReader::control(std::uint16_t kind, std::uint8_t flags, std::string_view body) {
  const auto type = static_cast<Type>(kind);
  const bool has_block = type == Type::syn_stream || type == Type::syn_reply || type == Type::headers;
  const std::size_t before = type == Type::syn_stream ? 10 : 4;  // of the block, or of what there is instead
  if ((has_block || type == Type::rst_stream || type == Type::ping) && body.size() < before)
    return broken("it is cut off");
  Frame out{.fin = (flags & kFin) != 0};
  if (has_block) {
    // Also where nobody asks what it says: the state of the compression must go on.
    const auto block = TRY(inflater_->inflate(body.substr(before)));
    out.fields = TRY(fields_of(block));
  }
  if (body.size() >= 4) out.stream = number(body, 0, 4) & kStreamMask;
  switch (type) {
    case Type::syn_stream:
      out.kind = Frame::Kind::syn_stream;
      break;
    case Type::syn_reply:
      out.kind = Frame::Kind::syn_reply;
      break;
    case Type::rst_stream:
      out.kind = Frame::Kind::rst_stream;
      break;
    case Type::ping:
      out.kind = Frame::Kind::ping;
      out.stream = number(body, 0, 4);
      break;
    case Type::goaway:
      out.kind = Frame::Kind::goaway;
      break;
    default:
      break;
  }
  return out;
}

std::string FrameWriter::encode(const Frame& frame) {
  std::string body;
  Type type = Type::ping;
  switch (frame.kind) {
    case Frame::Kind::syn_stream:
      type = Type::syn_stream;
      add(body, frame.stream, 4);
      body.append(6, '\0');  // no parent, no priority
      body += deflater_->deflate(block_of(frame.fields));
      break;
    case Frame::Kind::syn_reply:
      type = Type::syn_reply;
      add(body, frame.stream, 4);
      body += deflater_->deflate(block_of(frame.fields));
      break;
    case Frame::Kind::rst_stream:
      type = Type::rst_stream;
      add(body, frame.stream, 4);
      add(body, 5, 4);  // CANCEL
      break;
    case Frame::Kind::goaway:
      type = Type::goaway;
      add(body, frame.stream, 4);
      add(body, 0, 4);
      break;
    case Frame::Kind::ping:
      add(body, frame.stream, 4);
      break;
    case Frame::Kind::data:
    case Frame::Kind::other:
      body = frame.data;
      break;
  }
  std::string out;
  const bool data = frame.kind == Frame::Kind::data;
  add(out, data ? frame.stream : kControl | std::uint32_t{kVersion} << 16U | static_cast<std::uint16_t>(type),
      4);
  out += static_cast<char>(frame.fin ? kFin : 0);
  add(out, static_cast<std::uint32_t>(body.size()), 3);
  return out + body;
}

}  // namespace podwire::streaming::spdy
