#include "engine/base/sha256.h"

#include <sys/types.h>
// libmd's header uses the C types above.
#include <sha2.h>

namespace amnok {

std::string sha256_hex(std::string_view bytes) {
  char digest[SHA256_DIGEST_STRING_LENGTH];
  SHA256Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), digest);
  return digest;
}

}  // namespace amnok
