// Base64 on one line, for Basic authorization.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace ferry::host {

inline std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

}  // namespace ferry::host
