// expect: ConnectorClass
#include "ferry/sdk.hpp"

struct Acme {
  Acme(ferry::Host, const ferry::Config&) {}
#ifdef CORRECT
  void check(const ferry::Call&) {}
#endif
};
FERRY_CONNECTOR(Acme, R"({"id":"org.example.acme","version":"1.0.0"})")
