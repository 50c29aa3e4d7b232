// expect: it should be: void export_package(const ferry::Call&
#include "ferry/sdk.hpp"

struct Acme {
  Acme(ferry::Host, const ferry::Config&) {}
  void check(const ferry::Call&) {}
#ifdef CORRECT
  void export_package(const ferry::Call&, const ferry::ExportRequest&, ferry::PackageWriter) {}
#else
  void export_package(const ferry::Call&, ferry::PackageWriter) {}
#endif
};
FERRY_CONNECTOR(Acme, R"({"id":"org.example.acme","version":"1.0.0"})")
