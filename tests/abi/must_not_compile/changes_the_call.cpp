// expect: it should be: void check(const ferry::Call&)
#include "ferry/sdk.hpp"

struct Acme {
  Acme(ferry::Host, const ferry::Config&) {}
  void catalog(const ferry::Call&, ferry::Sink) {}
#ifdef CORRECT
  void check(const ferry::Call&) {}
#else
  void check(ferry::Call&) {}
#endif
};
FERRY_CONNECTOR(Acme, R"({"id":"org.example.acme","version":"1.0.0"})")
