#include <iterator>

#include "cni/elements.h"

namespace podwire::cni {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kShape[] = {
#embed "shape.nft"
};
#pragma clang diagnostic pop

}  // namespace

std::string_view nft_shape() { return {kShape, std::size(kShape)}; }

}  // namespace podwire::cni
