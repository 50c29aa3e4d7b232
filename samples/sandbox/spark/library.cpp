#include "samples/sandbox/spark/library.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::spark {

namespace {

constexpr std::size_t block_size = 64u << 10;
// What a package of one service with one version holds beside its workbook is less than this.
constexpr std::uint64_t package_overhead = 16u << 10;

struct Plan {
  const char* folder;
  const char* name;
  std::vector<const char*> numbers;
  bool is_compiled = true;
};

const std::vector<Plan>& plans() {
  static const std::vector<Plan> all = {
      {"claims", "fraud", {"1.0.0", "1.1.0"}},
      {"claims", "reserve", {"0.1.0"}},
      {"claims", "triage", {"2.0.0", "2.0.1", "2.1.0"}},
      {"drafts", "notebook", {"0.1.0"}, false},
      {"myproduct", "myservice", {"1.3.0", "1.3.1"}},
      {"pricing", "home", {"0.9.0", "1.0.0"}},
      {"pricing", "motor", {"3.2.0", "3.2.1", "3.3.0", "4.0.0"}},
      {"rates", "annuity", {"0.2.0"}},
      {"rates", "life", {"0.4.0", "0.4.1", "0.4.2"}},
      {"rates", "motor", {"1.0.0", "1.1.0"}},
      {"restricted", "payroll", {"1.0.0"}},
  };
  return all;
}

VersionPointer make_version(std::uint64_t seed, const std::string& uri, const std::string& number, bool is_compiled) {
  const std::string key = uuid_of(seed, "spark file " + uri + number);
  const std::uint64_t size = 8'000 + Random(seed, "spark size " + uri + number).below(32'000);
  return std::make_shared<const Version>(Version{uuid_of(seed, "spark version " + uri + number), *parse_number(number),
                                                 make_workbook(key, size), is_compiled});
}

}  // namespace

std::vector<std::string_view> Workbook::pieces() const {
  std::vector<std::string_view> pieces;
  for (std::uint64_t left = size; left > 0;) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left, block->size()));
    pieces.push_back(std::string_view(*block).substr(0, count));
    left -= count;
  }
  return pieces;
}

std::uint32_t Workbook::crc() const {
  const auto crc_of = [](std::string_view bytes) {
    return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  };
  const std::uint64_t whole = block->empty() ? 0 : size / block->size();
  const std::uint64_t rest = size - whole * block->size();
  // The same block's sum is joined to itself, instead of reading it again for each time it stands there.
  const uLong of_block = crc_of(*block);
  const uLong join = crc32_combine_gen(static_cast<z_off_t>(block->size()));
  uLong sum = 0;
  for (std::uint64_t count = 0; count < whole; ++count) sum = crc32_combine_op(sum, of_block, join);
  if (rest > 0) {
    const std::string_view tail = std::string_view(*block).substr(0, static_cast<std::size_t>(rest));
    sum = crc32_combine(sum, crc_of(tail), static_cast<z_off_t>(rest));
  }
  return static_cast<std::uint32_t>(sum);
}

Workbook make_workbook(const std::string& key, std::uint64_t size) {
  const auto block = static_cast<std::size_t>(std::min<std::uint64_t>(size, block_size));
  return {key, size, std::make_shared<const std::string>(Random(0, key).bytes(block)), true};
}

Workbook workbook_of(const std::string& key, std::string_view bytes) {
  if (!key.empty() && !bytes.empty()) {
    Workbook made = make_workbook(key, bytes.size());
    std::string_view left = bytes;
    bool is_same = true;
    for (const std::string_view piece : made.pieces()) {
      is_same = is_same && std::memcmp(left.data(), piece.data(), piece.size()) == 0;
      left.remove_prefix(piece.size());
    }
    if (is_same) return made;
  }
  return {key, bytes.size(), std::make_shared<const std::string>(bytes), false};
}

bool Library::has_version_id(const std::string& id) const {
  return std::any_of(services.begin(), services.end(), [&](const auto& entry) {
    const auto& versions = entry.second.versions;
    return std::any_of(versions.begin(), versions.end(), [&](const VersionPointer& each) { return each->id == id; });
  });
}

void sort_versions(Service& service) {
  std::sort(service.versions.begin(), service.versions.end(),
            [](const VersionPointer& left, const VersionPointer& right) { return left->number < right->number; });
}

Library make_library(const std::string& content, std::uint64_t seed, const std::string& tenant,
                     std::uint64_t package_bytes) {
  Library library;
  library.folders = {"archive", "large", "newproduct"};
  const auto add = [&](Service service) {
    // A service's id belongs to its tenant; a version's goes with it from tenant to tenant.
    service.id = uuid_of(seed, "spark service " + tenant + ' ' + service.uri());
    library.services.emplace(service.uri(), std::move(service));
  };
  bool is_promoted = false;
  for (const Plan& plan : plans()) {
    library.folders.insert(plan.folder);
    is_promoted = !is_promoted;
    if (content == "folders" || (content == "earlier" && (!is_promoted || !plan.is_compiled))) continue;
    Service service{"", plan.folder, plan.name, {}};
    const std::size_t count = content == "earlier" ? (plan.numbers.size() + 1) / 2 : plan.numbers.size();
    for (std::size_t at = 0; at < count; ++at) {
      service.versions.push_back(make_version(seed, service.uri(), plan.numbers[at], plan.is_compiled));
    }
    add(std::move(service));
  }
  if (package_bytes > 0 && content == "all") {
    const std::uint64_t size = package_bytes > package_overhead ? package_bytes - package_overhead : 1;
    const std::string key = uuid_of(seed, "spark large");
    Version version{uuid_of(seed, "spark version large"), *parse_number("1.0.0"), make_workbook(key, size), true};
    add({"", "large", "package", {std::make_shared<const Version>(std::move(version))}});
  }
  return library;
}

}  // namespace sandbox::spark
