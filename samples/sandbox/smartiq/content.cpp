#include "samples/sandbox/smartiq/content.hpp"

#include <openssl/evp.h>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::smartiq {

namespace {

constexpr std::size_t largest_document = 512u << 20;
constexpr const char* document_type = "cff4010b-32d3-4f3b-9518-70f72a403297";

std::string option(const Settings& settings, const std::string& name, const std::string& fallback) {
  const auto found = settings.options.find(name);
  return found == settings.options.end() ? fallback : found->second;
}

std::size_t number(const Settings& settings, const std::string& name, std::size_t fallback) {
  const std::string text = option(settings, name, "");
  if (text.empty()) return fallback;
  if (text.find_first_not_of("0123456789") != std::string::npos || text.size() > 12) {
    throw BadRequest{"The option " + name + " must be a number, not '" + text + "'."};
  }
  return std::stoull(text);
}

class Maker {
 public:
  explicit Maker(const Settings& settings) : settings_(settings) {
    const bool own = option(settings, "clone", "true") == "false" || option(settings, "clone_of", "dev") == "none";
    original_ = own ? settings.name : option(settings, "clone_of", "dev");
    revision_ = number(settings, "revision", original_ == settings.name ? 1 : 0);
    project_count_ = number(settings, "projects", 6);
    document_bytes_ = number(settings, "document_bytes", 2048);
    if (document_bytes_ > largest_document) throw BadRequest{"The option document_bytes is beyond 512 MiB."};
    conflicts_ = number(settings, "conflicts", 0);
    renamed_ = number(settings, "renamed", 0);
    edited_ = number(settings, "edited", 0);
  }

  Store make() {
    make_people();
    make_settings();
    make_data();
    make_library();
    make_fragments();
    const std::size_t count = project_count_ + (revision_ > 0 ? 1 : 0);
    for (std::size_t index = 0; index < count; ++index) make_project(index);
    return std::move(store_);
  }

 private:
  std::string id(const std::string& name) const { return uuid_of(settings_.seed, "smartiq/" + original_ + "/" + name); }

  void put(Kind kind, const ObjectText& object) { store_[kind].put(make_item(kind, object.done())); }

  void make_people() {
    role("Global Administrator", {"Licensing", "Management console", "Manage workflow tasks", "Change settings",
                                  "Design projects", "Content approver", "Manage data sources", "Manage security",
                                  "Manage groups", "Publish projects", "Manage users", "Manage content library"});
    role("Form designer", {"Design projects", "Manage data sources", "Publish projects", "Manage content library"});
    role("Reviewer", {"Content approver", "Manage workflow tasks"});
    role("Observer", {});
    group("Staff", {}, true);
    group("Claims team", {"Reviewer"}, false);
    group("Underwriters", {"Reviewer"}, false);
    group("Auditors", {"Observer"}, false);
    user("admin", {"Global Administrator"}, {});
    user("designer", {"Form designer"}, {"Staff"});
    user("claims-clerk", {}, {"Staff", "Claims team"});
    user("underwriter", {}, {"Underwriters"});
    user("viewer", {"Observer"}, {"Auditors"});
  }

  void role(const std::string& name, const std::vector<std::string>& permissions) {
    put(roles, ObjectText().text("id", id("role " + name)).text("name", name).list("permissions", permissions));
  }

  void group(const std::string& name, const std::vector<std::string>& role_names, bool system) {
    put(groups, ObjectText()
                    .text("id", id("group " + name))
                    .text("name", name)
                    .flag("external", false)
                    .flag("system", system)
                    .text("email", "")
                    .flag("emailIndividualMembers", false)
                    .list("roles", role_names));
  }

  void user(const std::string& name, const std::vector<std::string>& role_names,
            const std::vector<std::string>& group_names) {
    const std::string address = ObjectText()
                                    .text("line1", "")
                                    .text("line2", "")
                                    .text("city", "")
                                    .text("state", "")
                                    .text("zipcode", "")
                                    .text("country", "")
                                    .done();
    put(users, ObjectText()
                   .text("id", id("user " + name))
                   .text("username", name)
                   .text("firstName", "")
                   .text("lastName", "")
                   .flag("disabled", false)
                   .flag("changePasswordAtNextLogin", false)
                   .flag("passwordNeverExpires", false)
                   .flag("lockedOut", false)
                   .flag("twoFactorAuth", false)
                   .text("email", name + "@example.test")
                   .text("culture", "en-AU")
                   .text("language", "en")
                   .text("timezone", "AUS Eastern Standard Time")
                   .text("prefix", "")
                   .text("jobTitle", "")
                   .text("organization", "")
                   .text("phone", "")
                   .text("fax", "")
                   .raw("streetAddress", address)
                   .raw("postalAddress", address)
                   .raw("customFields", "{}")
                   .list("roles", role_names)
                   .list("groups", group_names));
  }

  void make_settings() {
    for (const std::string name : {"Cost centre", "Case number"}) {
      put(custom_fields, ObjectText()
                             .text("id", id("field " + name))
                             .text("name", name)
                             .text("validationType", "Text")
                             .text("location", "ResponseMetadata"));
    }
    setting("SMTP server", quoted("smtp." + settings_.name + ".example.test"));
    setting("SMTP port", quoted("443"));
    setting("Proxy", "null");
  }

  void setting(const std::string& description, const std::string& value) {
    put(connector_settings,
        ObjectText()
            .text("id", id("setting " + description))
            .raw("value", value)
            .raw("metadata",
                 ObjectText().text("typeId", id("connector SMTP")).text("description", description).done()));
  }

  void make_data() {
    // The connection string says which environment it is: what is wrong to carry over as it is.
    data_source("Customers", "XML", "", "<root><c><id>1</id><nm>Birch</nm></c></root>");
    data_source("Policies", "SQLServer", "Data Source=" + settings_.name + "-db.example.test;Initial Catalog=Policies",
                "");
    data_source("Rates", "JSON", "https://" + settings_.name + ".example.test/rates.json",
                revision_ > 0 ? "{\"base\":1.1}" : "{\"base\":1.0}");
    data_source("Archive", "SQLServer", "Data Source=" + settings_.name + "-db.example.test;Initial Catalog=Archive",
                "");
  }

  void data_source(const std::string& name, const std::string& type, const std::string& connection,
                   const std::string& data) {
    put(data_sources, ObjectText()
                          .text("id", id("source " + name))
                          .text("name", name)
                          .text("connectionType", type)
                          .text("connectionString", connection)
                          .flag("allowConnectionExport", true)
                          .text("schema", "<xs:schema id=\"" + name + "\"/>")
                          .text("defaultData", data)
                          .flag("exportDefaultData", true)
                          .raw("credentials", ObjectText().text("method", "None").done()));
    for (const std::string object : {"entry", "list"}) {
      put(data_objects,
          ObjectText()
              .text("id", id("object " + name + " " + object))
              .text("dataSourceId", id("source " + name))
              .text("displayName", name + " " + object)
              .text("dataObjectName", object)
              .text("objectType", document_type)
              .flag("useAnswerFileData", false)
              .raw("filters", "[" + ObjectText().text("name", "/c/id").flag("isFilter", true).done() + "]")
              .raw("schemaFields", "[]")
              .raw("displayFields", "[" + ObjectText().text("name", "/c/nm").done() + "]"));
    }
  }

  void make_library() {
    folder(content_folders, "Letters", {"Staff"});
    folder(content_folders, "Logos", {"Underwriters"});
    folder(publish_folders, "Public forms", {"Staff"});
    folder(publish_folders, "Internal forms", {"Claims team"});
    content_item("Letterhead", "Letters", revision_ > 0);
    content_item("Company logo", "Logos", false);
    content_item("Old logo", "Logos", false);
  }

  void folder(Kind kind, const std::string& name, const std::vector<std::string>& group_names) {
    put(kind, ObjectText().text("id", id("folder " + name)).text("name", name).list("groups", group_names));
  }

  // inferred: no sample of a content item in a pack was found; these are the members the library's own calls have,
  // with the id and the modifiedUtc that IfNewer needs.
  void content_item(const std::string& name, const std::string& folder_name, bool changed) {
    put(content_library_items, ObjectText()
                                   .text("id", id("content " + name))
                                   .text("name", name)
                                   .text("description", "")
                                   .text("category", "")
                                   .text("type", "Image")
                                   .text("folderName", folder_name)
                                   .text("modifiedUtc", changed ? "2025-02-03T10:00:00.5Z" : "2025-01-06T09:00:00Z")
                                   .text("modifiedBy", id("user designer"))
                                   .raw("scale", "100")
                                   .text("binary", binary("content " + name, 256, "\x89PNG")));
  }

  void make_fragments() {
    for (const std::string name : {"Signature block", "Address block"}) {
      project_object(name, name, "Fragment", "1.0", "2025-01-06T09:00:00Z",
                     reference("DataObject", id("object Customers entry")), false);
    }
  }

  void make_project(std::size_t index) {
    static const std::vector<std::string> names{"Claim form",        "Motor quote",   "Home quote",
                                                "Change of address", "Annual review", "Feedback"};
    const bool added_later = index == project_count_;
    std::string name = added_later            ? "Complaint"
                       : index < names.size() ? names[index]
                                              : "Form " + std::to_string(index + 1);
    const std::string key = name;
    static const std::vector<std::string> sources{"Customers", "Policies", "Rates"};
    std::string uses = reference("DataObject", id("object " + sources[index % sources.size()] + " entry"));
    uses += reference("Fragment", id(std::string("project ") + (index % 2 ? "Address block" : "Signature block")));
    if (index % 2 == 0) uses += reference("ContentItem", id(index % 4 ? "content Company logo" : "content Letterhead"));
    uses += reference("WorkflowGroup", id(index % 2 ? "group Underwriters" : "group Claims team"));
    if (index == 0) uses += reference("WorkflowUser", id("user designer"));

    std::string version = "5.0", modified = "2025-01-06T09:00:00.65Z";
    const bool changed_at_source = revision_ > 0 && index < 2;
    if (added_later || changed_at_source) {
      version = added_later ? "1.0" : "6.0";
      modified = "2025-02-03T10:00:00.5Z";
      uses += "<Question Text=\"Added in version " + version + "\" />";
    }
    // From the end of the list, so that they meet what the source has not changed as well.
    if (index + edited_ >= project_count_ && !added_later) {
      version = "5.1";
      modified = "2025-03-03T11:00:00Z";
      uses += "<Question Text=\"Added in " + settings_.name + "\" />";
    }
    if (index >= conflicts_ && index < conflicts_ + renamed_) name += " (" + settings_.name + ")";
    const std::string project = project_object(key, name, "Content", version, modified, uses, index % 4 != 3,
                                               index < conflicts_ ? "own project " : "project ");
    if (index % 3 != 2) publish(key, project, index % 2 ? "Internal forms" : "Public forms");
  }

  // inferred: the names of these elements. What counts is the id: a definition refers to an object by it.
  static std::string reference(const std::string& element, const std::string& guid) {
    return "<" + element + " Guid=\"" + guid + "\" />";
  }

  std::string project_object(const std::string& key, const std::string& name, const std::string& type,
                             const std::string& version, const std::string& modified, const std::string& uses,
                             bool with_document, const std::string& id_prefix = "project ") {
    const std::string guid =
        id_prefix == "project " ? id(id_prefix + key) : uuid_of(settings_.seed, settings_.name + id_prefix + key);
    ObjectText object;
    object.text("id", guid)
        .text("name", name)
        .text("version", version)
        .text("modifiedUtc", modified)
        .text("folderName", "")
        .raw("metadata", ObjectText().text("type", type).text("modifiedBy", id("user designer")).done())
        .text("definition", "<Intelledox_TemplateFile version=\"2.5.0\"><HeaderInfo><TemplateGuid>" + guid +
                                "</TemplateGuid><Name>" + name + "</Name></HeaderInfo>" + uses +
                                "</Intelledox_TemplateFile>");
    if (with_document) {
      object.raw("documents", "[" +
                                  ObjectText()
                                      .text("id", id("document " + key))
                                      .text("formatType", "WordDocx")
                                      .text("base64", binary("document " + key, document_bytes_, "PK\x03\x04"))
                                      .done() +
                                  "]");
    }
    put(projects, object);
    return guid;
  }

  void publish(const std::string& key, const std::string& project, const std::string& folder_name) {
    const auto lockable = [](const std::string& extension) {
      return "[" + ObjectText().text("extension", extension).flag("lock", false).done() + "]";
    };
    put(published_projects,
        ObjectText()
            .text("id", id("published " + key))
            .text("folderId", id("folder " + folder_name))
            .text("projectId", project)
            .raw("layoutId", "null")
            .raw("messages", ObjectText()
                                 .text("helpText", "")
                                 .text("wizardFinishPageMessage", "")
                                 .text("completionPageMessage", "")
                                 .done())
            .raw("options", ObjectText()
                                .flag("allowPreview", false)
                                .flag("allowRestartAfterSubmission", false)
                                .flag("allowSave", true)
                                .flag("autoCreateInProgressForms", true)
                                .flag("formInteractionLog", true)
                                .flag("enforceValidation", true)
                                .flag("updateDocumentFields", true)
                                .flag("hideNavigationPane", false)
                                .flag("showFormActivity", true)
                                .flag("matchProjectVersionLoadingInProgress", false)
                                .flag("restrictAvailabilityDates", false)
                                .flag("allowOfflineLaunch", false)
                                .raw("troubleshootingMode", "0")
                                .flag("isHomePage", false)
                                .done())
            .raw(
                "outputFormats",
                ObjectText()
                    .raw("document",
                         "[" +
                             ObjectText().text("extension", "docx").text("version", "2007").flag("lock", false).done() +
                             "]")
                    .raw("presentation", lockable("pptx"))
                    .raw("spreadsheet", lockable("xlsx"))
                    .done()));
  }

  std::string binary(const std::string& name, std::size_t size, const std::string& begin) const {
    const std::string bytes =
        begin + Random(settings_.seed, original_ + name).bytes(size > begin.size() ? size - begin.size() : 0);
    // OpenSSL's is many times as fast as Poco's, which counts with documents of a size to measure with.
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int written =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(written));
    return text;
  }

  const Settings& settings_;
  std::string original_;  // whose ids these are
  std::size_t revision_, project_count_, document_bytes_, conflicts_, renamed_, edited_;
  Store store_;
};

}  // namespace

Store make_content(const Settings& settings) { return Maker(settings).make(); }

}  // namespace sandbox::smartiq
