// expect: descriptor
#include "ferry/sdk.hpp"

struct Acme {
  Acme(ferry::Host, const ferry::Config&) {}
  void check(const ferry::Call&) {}
};
#ifdef CORRECT
#define DESCRIPTOR R"({"id":"org.example.acme","version":"1.0.0"})"
#else
const char* descriptor_text();
#define DESCRIPTOR descriptor_text()
#endif
FERRY_CONNECTOR(Acme, DESCRIPTOR)
