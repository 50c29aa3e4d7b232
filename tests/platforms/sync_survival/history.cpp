#include "tests/platforms/sync_survival/history.hpp"

namespace ferry::test {

std::string RunPlan::text() const {
  std::string out = "page_size " + std::to_string(page_size) + ", sync";
  for (const std::string& word : words) out += " " + word;
  if (faults != "[]") out += ", faults " + faults;
  if (victim != nobody)
    out += std::string(", kills the ") + (victim == host ? "host" : "worker") +
           (after_requests >= 0 ? " after " + std::to_string(after_requests) + " requests"
                                : " after " + std::to_string(after_ms) + " ms");
  if (change_after >= 0) out += ", changes after " + std::to_string(change_after) + " requests";
  return out;
}

RunPlan History::plan() {
  RunPlan plan;
  plan.page_size = number(0, 3) == 0 ? number(1, 9) : number(10, 60);
  switch (number(0, 9)) {
    case 0:
    case 1:
    case 2: plan.words = {"--mode", "full"}; break;
    case 3: plan.words = {"--model", "INVOICES"}; break;
    case 4: plan.words = {"--model", "CONTACTS=2023-06-01", "--model", "INVOICES"}; break;
    default: break;
  }
  if (chance(0.15)) plan.words.insert(plan.words.end(), {"--max-changed", "100%"});
  if (chance(0.12)) {
    plan.preview = true;
    plan.words.push_back("--dry-run");
  }
  if (chance(0.5)) plan.faults = faults();
  const int requests = 2 * 200 / plan.page_size + 2;
  if (chance(0.85)) {
    plan.victim = chance(0.65) ? RunPlan::host : RunPlan::worker;
    if (chance(0.6))
      plan.after_requests = number(0, requests);
    else
      plan.after_ms = number(1, 220);
  }
  if (chance(0.4)) plan.change_after = number(0, requests / 2);
  return plan;
}

std::string History::faults() {
  std::string list;
  for (int left = number(1, 2); left > 0; --left) {
    static const char* const kinds[] = {
        R"("latency_ms":4)",         R"("latency_ms":25)",       R"("status":429,"retry_after":"0.05","count":1)",
        R"("status":503,"count":1)", R"("drop":true,"count":1)", R"("truncate_at":700,"count":1)"};
    list += (list.empty() ? "" : ",") + std::string(R"({"match":"/accounting/","after":)") +
            std::to_string(number(0, 20)) + "," + kinds[number(0, 5)] + "}";
  }
  return "[" + list + "]";
}

void History::change(Books& books) {
  Change change;
  change.model = books.models()[static_cast<std::size_t>(number(0, 1))];
  change.add = number(0, 4);
  change.modify = number(0, 8);
  change.remove = number(0, 3) == 0 ? number(1, 3) : 0;
  if (chance(0.06)) {
    static const char* const values[] = {
        "12", "1.5", "12345678901234567.891", "true", R"("a \"text\"")", R"({"b":[1,2.50,null]})"};
    change.members = "{\"late_" + std::to_string(++members_) + "\":" + values[number(0, 5)] + "}";
  }
  books.change(change);
  if (change.remove > 0 && chance(0.7)) books.bring_all();
}

}  // namespace ferry::test
