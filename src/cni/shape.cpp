#include <iterator>

#include "cni/elements.h"

namespace podwire::cni {
namespace {

// ccache 4.7 does not know #embed; where it reads __TIME__ it looks at what the preprocessor printed
// (kube/schema.cpp).
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kShape[] = {
#embed "shape.nft"
};
#pragma clang diagnostic pop

}  // namespace

std::string_view nft_shape() { return {kShape, std::size(kShape)}; }

}  // namespace podwire::cni
