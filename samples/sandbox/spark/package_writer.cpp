#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/spark/package.hpp"

namespace sandbox::spark {

namespace {

std::string compiled_model(const Service& service, const Version& version) {
  Random random(0, "model " + version.workbook.key);
  const std::string name = '_' + service.name;
  ZipWriter model;
  model.add(name + ".js", "// " + random.hex(160));
  model.add(name + ".wasm", std::string("\0asm\1\0\0\0", 8) + random.bytes(2000));
  model.add(name + ".data", random.bytes(400));
  model.add("checksums.md5", random.hex(32) + "  " + name + ".wasm\n");
  model.add(service.name + "DefaultValidations.json", "{}");
  model.add(service.name + "_CompilerLog.json", "[]");
  return model.finish().text();
}

json::Object engine_information(const std::string& tenant, const Service& service, const Version& version) {
  const Workbook& workbook = version.workbook;
  Random random(0, "engine " + workbook.key);
  const json::Value size = workbook.size;
  const std::string hash = random.hex(64);
  return json::object({{"FileSize", size},
                       {"Author", "Ada Example"},
                       {"ProductName", service.folder},
                       {"Revision", version.number.text()},
                       {"Description", ""},
                       {"FileMD5Hash", random.hex(32)},
                       {"UniversalFileHash", hash},
                       {"ReleaseDate", "2026-01-01T00:00:00.000Z"},
                       {"ServiceName", service.name},
                       {"NoOfInstance", 1},
                       {"UploaderEmail", "ada@example.test"},
                       {"DefaultEngineType", "Neuron"},
                       {"OriginalFileName", service.name + ".xlsx"},
                       {"SizeOfUploadedFile", size},
                       {"ReleaseNote", ""},
                       {"IsTypeScriptFile", false},
                       {"EngineUpgradeType", "minor"},
                       {"PublicAPI", false},
                       {"FileGuid", workbook.key},
                       {"ServiceGuid", service.id},
                       {"ServiceVersionGuid", version.id},
                       {"BaseUrl", json::null()},
                       {"Tenant", tenant},
                       {"AllowToStoreHistory", true},
                       {"CalcMode", "AUTO"},
                       {"ForceInputsWriteBeforeCalcModeChanges", false},
                       {"Provenance", json::null()},
                       {"VersionLabel", json::null()},
                       {"ExplainerType", json::null()},
                       {"IsXParameter", false},
                       {"ParametersetCompatibilityGroup", json::null()},
                       {"XParameterSetVersionId", json::null()},
                       {"VersionUpgradeAssert", "OFF"},
                       {"XReportRanges", json::null()},
                       {"Tags", json::null()},
                       {"OriginalServiceHash", hash},
                       {"CompiledOutputHash", random.hex(64)},
                       {"CompilerVersion", "Neuron_v1.23.1"},
                       {"CompilerVersionServiceUpdate", "StableLatest"},
                       {"DirectAddressingOutputsEnabled", false}});
}

std::string model_metadata(const std::string& tenant, const Service& service, const Version& version) {
  return json::text(json::object(
      {{"EffectiveStartDate", "2026-01-01T00:00:00.000Z"},
       {"EffectiveEndDate", "2036-01-01T00:00:00.000Z"},
       {"EngineInformation", engine_information(tenant, service, version)},
       {"XInputTable", json::array({json::object(
                           {{"Input Name", "amount"}, {"Description", "An amount"}, {"Address", "Sheet1!B2"}})})},
       {"XOutputTable", json::array({json::object(
                            {{"Output Name", "result"}, {"Description", "A result"}, {"Address", "Sheet1!B3"}})})},
       {"VersionId", version.id},
       {"HasSignatureChain", false}}));
}

std::string manifest(const std::string& job_id, const std::vector<Service>& services) {
  return json::text(json::object({{"object", "export"},
                                  {"id", job_id},
                                  {"outputs", json::object({{"files", json::null()},
                                                            {"services", services_of_export(services)},
                                                            {"service_versions", versions_of_export(services)}})}}));
}

}  // namespace

json::Array services_of_export(const std::vector<Service>& services) {
  json::Array list = json::array();
  for (const Service& service : services) {
    list->add(json::object({{"service_uri_source", service.uri()},
                            {"folder_source", service.folder},
                            {"service_source", service.name},
                            {"service_id_source", service.id}}));
  }
  return list;
}

json::Array versions_of_export(const std::vector<Service>& services) {
  json::Array list = json::array();
  for (const Service& service : services) {
    for (const VersionPointer& version : service.versions) {
      list->add(json::object({{"service_uri_source", service.uri_of(*version)},
                              {"folder_source", service.folder},
                              {"service_source", service.name},
                              {"version_source", version->number.text()},
                              {"service_id_source", service.id},
                              {"version_id_source", version->id}}));
    }
  }
  return list;
}

Rope write_package(const std::string& tenant, const std::string& job_id, const std::vector<Service>& services,
                   bool for_migration) {
  ZipWriter zip;
  zip.add(tenant + "/manifest.json", manifest(job_id, services));
  for (const Service& service : services) {
    // Real packages name a folder once for each service in it; readers must live with that.
    zip.add_folder(tenant + '/' + service.folder + '/');
    for (const VersionPointer& version : service.versions) {
      const std::string folder = tenant + '/' + service.uri() + '/' + version->number.text() + '/';
      zip.add_folder(folder);
      zip.add(folder + "DefaultValidations.json", "{}");
      zip.add(folder + "ModelMetaData.json", model_metadata(tenant, service, *version));
      zip.add(folder + "WASMMetaData.json", json::text(json::object({{"Revision", version->number.text()}})));
      zip.add(folder + version->id + ".zip", compiled_model(service, *version));
      if (!for_migration) continue;
      const Workbook& workbook = version->workbook;
      zip.add(folder + service.name + ".xlsx", workbook.pieces(), workbook.crc(), workbook.block);
    }
  }
  return zip.finish();
}

}  // namespace sandbox::spark
