// expect: ConnectorClass
#include "ferry/sdk.hpp"

struct Acme {
#ifdef CORRECT
  Acme(ferry::Host, const ferry::Config&) {}
#endif
  void check(const ferry::Call&) {}
};
FERRY_CONNECTOR(Acme, R"({"id":"org.example.acme","version":"1.0.0"})")
