// What the documents' examples say of an export and of a dry run, member by member.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ferry/json.hpp"

namespace ferry::dev2prod {

// All parts of a package, in the platform's order, with the items of the example.
inline const std::vector<std::pair<std::string, int>>& parts() {
  static const std::vector<std::pair<std::string, int>> all = {{"metadata", 0},
                                                               {"workflow", 24},
                                                               {"formLayouts", 117},
                                                               {"customAction", 0},
                                                               {"indexConfiguration", 0},
                                                               {"featureInstances", 26},
                                                               {"uiComponentConfig", 0},
                                                               {"notificationTemplateDefinitions", 88},
                                                               {"notificationTemplateBodies", 97},
                                                               {"SLTTenantSetting", 0},
                                                               {"data", 0},
                                                               {"userOptionMetadata", 0},
                                                               {"rulesInEntity", 0},
                                                               {"many2manyRelations", 0},
                                                               {"attachments", 0},
                                                               {"customAppSltSettings", 0},
                                                               {"resourceBundles", 0}};
  return all;
}

inline Json export_of_the_documents(const std::string& status = "COMPLETED") {
  Json statistics = Json::array({});
  for (const auto& [name, count] : parts())
    statistics.push_back(Json::object({{"PackageName", name}, {"ItemCount", count}}));
  Json job = Json::parse(R"({"id":"6797556be4b0c05084915394",
    "PackageBundleName":"Package-54321-123456789-2025-01-27 09-44","FileId":"file-1","StartTime":1737971051843,
    "LastUpdateTime":1737971053134,"ItemCount":352,"OperationType":"Export"})");
  job.set("Status", status);
  job.set("Statistics", std::move(statistics));
  return job;
}

inline Json import_of_the_documents(const std::string& status = "COMPLETED", bool dry = true) {
  Json job = Json::parse(R"({"TimeToLive":9946986,"StudioLocked":false,"SystemLocked":false,
    "id":"66fabdf1e4b06908b04d4051","FileId":"file-1","PackageManagerId":"67975a8be4b0c050849153b2",
    "StartTime":1737972352849,"LastUpdateTime":1737972406603,"ProcessingServerName":"company-server",
    "Results":[
      {"PackageName":"metadata","Statistics":{"Modified":300,"Removed":0,"Failed":0,"Skipped":0},"Errors":[],"Warnings":[]},
      {"PackageName":"SLTTenantSetting","Statistics":{"Modified":0,"Removed":0,"Failed":0,"Skipped":0},"Errors":[],
       "Warnings":[]},
      {"PackageName":"indexConfiguration","Statistics":{"Modified":26,"Removed":0,"Failed":0,"Skipped":0},"Errors":[],
       "Warnings":[]}],
    "Totals":{"Added":0,"Modified":326,"Removed":0,"Failed":0,"Skipped":0},"OperationType":"Import"})");
  job.set("Status", status);
  job.set("DryRun", dry);
  return job;
}

}  // namespace ferry::dev2prod
