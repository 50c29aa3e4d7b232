// ferry/sdk.hpp - the C++20 face of ferry/connector.h. Include this, write a class, end with FERRY_CONNECTOR.
//
//   class Acme {
//    public:
//     Acme(ferry::Host host, const ferry::Config& config);
//     void check(const ferry::Call&);                                                        // any of these six
//     void catalog(const ferry::Call&, ferry::Sink);
//     void read(const ferry::Call&, const ferry::ReadRequest&, ferry::Sink);
//     void export_package(const ferry::Call&, const ferry::ExportRequest&, ferry::PackageWriter);
//     void inspect(const ferry::Call&, ferry::PackageReader, ferry::Sink);
//     void import_package(const ferry::Call&, const ferry::ImportRequest&, ferry::PackageReader);
//   };
//   FERRY_CONNECTOR(Acme, R"({"id":"org.example.acme","version":"1.0.0"})")
//
// The operations a class has are found by concepts and offered as capabilities. This file is the only place where C++
// meets C: every entry runs inside guard(), so nothing thrown ever leaves the library.
#pragma once

#include <concepts>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "ferry/call.hpp"
#include "ferry/connector.h"
#include "ferry/error.hpp"
#include "ferry/host.hpp"
#include "ferry/http.hpp"
#include "ferry/json.hpp"
#include "ferry/package.hpp"
#include "ferry/records.hpp"
#include "ferry/requests.hpp"

namespace ferry::detail {

template <class T>
concept Checks = requires(T t, const Call& call) {
  t.check(call);
};
template <class T>
concept Catalogs = requires(T t, const Call& call, Sink sink) {
  t.catalog(call, sink);
};
template <class T>
concept Reads = requires(T t, const Call& call, const ReadRequest& request, Sink sink) {
  t.read(call, request, sink);
};
template <class T>
concept Exports = requires(T t, const Call& call, const ExportRequest& request, PackageWriter writer) {
  t.export_package(call, request, writer);
};
template <class T>
concept Inspects = requires(T t, const Call& call, PackageReader reader, Sink sink) {
  t.inspect(call, reader, sink);
};
template <class T>
concept Imports = requires(T t, const Call& call, const ImportRequest& request, PackageReader reader) {
  t.import_package(call, request, reader);
};
template <class T>
concept ConnectorClass = std::constructible_from<T, Host, const Config&> &&
    (Checks<T> || Catalogs<T> || Reads<T> || Exports<T> || Inspects<T> || Imports<T>);

// An operation that is there but cannot be called as below would silently not be offered: that is no connector's wish.
template <class T>
constexpr bool well_formed() {
  static_assert(
      Checks<T> || !requires { &T::check; }, "it should be: void check(const ferry::Call&)");
  static_assert(
      Catalogs<T> || !requires { &T::catalog; }, "it should be: void catalog(const ferry::Call&, ferry::Sink)");
  static_assert(
      Reads<T> || !requires { &T::read; },
      "it should be: void read(const ferry::Call&, const ferry::ReadRequest&, ferry::Sink)");
  static_assert(
      Exports<T> || !requires { &T::export_package; },
      "it should be: void export_package(const ferry::Call&, const ferry::ExportRequest&, ferry::PackageWriter)");
  static_assert(
      Inspects<T> || !requires { &T::inspect; },
      "it should be: void inspect(const ferry::Call&, ferry::PackageReader, ferry::Sink)");
  static_assert(
      Imports<T> || !requires { &T::import_package; },
      "it should be: void import_package(const ferry::Call&, const ferry::ImportRequest&, ferry::PackageReader)");
  return true;
}

inline ferry_status say(const ferry_call* call, ferry_status status, std::string_view message,
                        std::string_view detail_json = {}) noexcept {
  if (FERRY_HAS(call, fail)) call->fail(call, status, to_abi(message), to_abi(detail_json));
  return status;
}

template <class Work>
ferry_status guard(const ferry_call* call, Work&& work) noexcept {
  try {
    work();
    return FERRY_OK;
  } catch (const Error& error) {
    return say(call, error.status() == FERRY_OK ? static_cast<ferry_status>(FERRY_INTERNAL) : error.status(),
               error.message(), error.detail_json());
  } catch (const JsonError& error) {
    return say(call, FERRY_REMOTE, error.what());
  } catch (const std::bad_alloc&) {
    return say(call, FERRY_INTERNAL, "out of memory");
  } catch (const std::exception& error) {
    return say(call, FERRY_INTERNAL, error.what());
  } catch (...) {
    return say(call, FERRY_INTERNAL, "an exception of unknown type");
  }
}

template <ConnectorClass T>
struct Glue {
  static_assert(well_formed<T>());

  static T& self(ferry_instance* instance) noexcept { return *reinterpret_cast<T*>(instance); }

  static ferry_status create(const ferry_host* host, const ferry_call* call, ferry_str config,
                             ferry_instance** instance) noexcept {
    return guard(call, [&] {
      auto made = std::make_unique<T>(Host(host), Config::parse(to_view(config)));
      *instance = reinterpret_cast<ferry_instance*>(made.release());
    });
  }
  static void destroy(ferry_instance* instance) noexcept { delete reinterpret_cast<T*>(instance); }

  static ferry_status check(ferry_instance* instance, const ferry_call* call, ferry_str) noexcept {
    return guard(call, [&] { self(instance).check(Call(call)); });
  }
  static ferry_status catalog(ferry_instance* instance, const ferry_call* call, ferry_str,
                              const ferry_sink* sink) noexcept {
    return guard(call, [&] { self(instance).catalog(Call(call), Sink(Call(call), sink)); });
  }
  static ferry_status read(ferry_instance* instance, const ferry_call* call, ferry_str request,
                           const ferry_sink* sink) noexcept {
    return guard(
        call, [&] { self(instance).read(Call(call), ReadRequest::parse(to_view(request)), Sink(Call(call), sink)); });
  }
  static ferry_status export_package(ferry_instance* instance, const ferry_call* call, ferry_str request,
                                     const ferry_package_writer* writer) noexcept {
    return guard(call, [&] {
      self(instance).export_package(Call(call), ExportRequest::parse(to_view(request)),
                                    PackageWriter(Call(call), writer));
    });
  }
  static ferry_status inspect(ferry_instance* instance, const ferry_call* call, ferry_str,
                              const ferry_package_reader* reader, const ferry_sink* sink) noexcept {
    return guard(
        call, [&] { self(instance).inspect(Call(call), PackageReader(Call(call), reader), Sink(Call(call), sink)); });
  }
  static ferry_status import_package(ferry_instance* instance, const ferry_call* call, ferry_str request,
                                     const ferry_package_reader* reader) noexcept {
    return guard(call, [&] {
      self(instance).import_package(Call(call), ImportRequest::parse(to_view(request)),
                                    PackageReader(Call(call), reader));
    });
  }

  static const void* capability(ferry_str id) noexcept {
    const std::string_view name = to_view(id);
    if constexpr (Checks<T>) {
      static constexpr ferry_check table{sizeof table, 0, check};
      if (name == FERRY_CAPABILITY_CHECK) return &table;
    }
    if constexpr (Catalogs<T>) {
      static constexpr ferry_catalog table{sizeof table, 0, catalog};
      if (name == FERRY_CAPABILITY_CATALOG) return &table;
    }
    if constexpr (Reads<T>) {
      static constexpr ferry_read table{sizeof table, 0, read};
      if (name == FERRY_CAPABILITY_READ) return &table;
    }
    if constexpr (Exports<T>) {
      static constexpr ferry_export table{sizeof table, 0, export_package};
      if (name == FERRY_CAPABILITY_EXPORT) return &table;
    }
    if constexpr (Inspects<T>) {
      static constexpr ferry_inspect table{sizeof table, 0, inspect};
      if (name == FERRY_CAPABILITY_INSPECT) return &table;
    }
    if constexpr (Imports<T>) {
      static constexpr ferry_import table{sizeof table, 0, import_package};
      if (name == FERRY_CAPABILITY_IMPORT) return &table;
    }
    return nullptr;
  }
};

}  // namespace ferry::detail

// Type: a class as above. descriptor: a string literal, {"id":…,"version":…} as in the manifest.
#define FERRY_CONNECTOR(Type, descriptor)                                                                        \
  extern "C" FERRY_EXPORT const ferry_connector* ferry_connector_v1(void) {                                      \
    using FerryGlue = ::ferry::detail::Glue<Type>;                                                               \
    static constexpr char text[] = descriptor;                                                                   \
    static constexpr ferry_connector table{                                                                      \
        sizeof table, 0, {text, sizeof text - 1}, FerryGlue::create, FerryGlue::destroy, FerryGlue::capability}; \
    return &table;                                                                                               \
  }
