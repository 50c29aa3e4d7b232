#include "models.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ferry::integration_labs {

namespace {

constexpr Model all[] = {
    {"ACCOUNTS", "accounting/accounts",
     "name:text description:text nominal_code:text current_balance:number updated_at:time status:text "
     "category:text sub_category:text currency_id:id parent_account_id:id"},
    {"BANK_ACCOUNTS", "accounting/bank_accounts",
     "institution_name:text account_name:text account_number:text balance:number currency_id:id "
     "category:text updated_at:time"},
    {"BILLS", "accounting/bills",
     "currency_id:id contact_id:id total_discount:number sub_total:number tax_amount:number "
     "total_amount:number amount_due:number document_number:text posted_date:time due_date:time memo:text "
     "updated_at:time status:text currency_rate:number purchase_order_ids:array line_items:array"},
    {"BILL_PAYMENTS", "accounting/bill_payments",
     "payment_id:id bill_id:id account_id:id credit_note_id:id amount:text payment_mode:text "
     "currency_id:id currency_rate:text memo:text updated_at:time payment_date:time contact_id:id "
     "document_number:text"},
    {"COMPANY_INFO", "accounting/company_info",
     "name:text legal_name:text tax_number:text base_currency:text fiscal_start_at:time "
     "org_created_at:time updated_at:time registration_number:text"},
    {"CONTACTS", "accounting/contacts",
     "name:text contact_name:text contact_type:text currency_id:id tax_number:text "
     "registration_number:text status:text updated_at:time external_links:array phone_numbers:array "
     "addresses:array"},
    {"BILL_CREDIT_NOTES", "accounting/bill_credit_notes",
     "contact_id:id document_number:text total_amount:number remaining_credit:number posted_date:time "
     "currency_id:id memo:text status:text bill_ids:array updated_at:time tax_amount:number "
     "line_items:array"},
    {"INVOICE_CREDIT_NOTES", "accounting/invoice_credit_notes",
     "contact_id:id document_number:text total_amount:number remaining_credit:number posted_date:time "
     "currency_id:id memo:text status:text invoice_ids:array updated_at:time tax_amount:number "
     "line_items:array"},
    {"DOCUMENTS", "accounting/documents",
     "file_name:text file_type:text file_size:text document_type_id:id document_type:text "
     "document_uploaded:flag updated_at:time"},
    {"EXPENSES", "accounting/expenses",
     "contact_id:id account_id:id document_number:text posted_date:time payment_mode:text currency_id:id "
     "currency_rate:number total_amount:number sub_total:number tax_amount:number total_discount:number "
     "memo:text updated_at:time line_items:array"},
    {"INVOICES", "accounting/invoices",
     "currency_id:id contact_id:id total_discount:number sub_total:number tax_amount:number "
     "total_amount:number amount_due:number document_number:text posted_date:time due_date:time memo:text "
     "updated_at:time status:text currency_rate:number sales_order_ids:array line_items:array"},
    {"INVOICE_PAYMENTS", "accounting/invoice_payments",
     "payment_id:id invoice_id:id account_id:id credit_note_id:id amount:number payment_mode:text "
     "currency_id:id currency_rate:text memo:text updated_at:time payment_date:time contact_id:id "
     "document_number:text"},
    {"ITEMS", "accounting/items",
     "name:text description:text status:text type:text code:text quantity_on_hand:number is_bill_item:flag "
     "bill_item:object is_invoice_item:flag invoice_item:object updated_at:time"},
    {"LINE_ITEMS", "", ""},
    {"TAX_RATES", "accounting/tax_rates",
     "name:text code:text tax_type:text effective_tax_rate:number total_tax_rate:number components:array "
     "updated_at:time"},
    {"JOURNAL_ENTRIES", "accounting/journal_entries",
     "account_id:id amount:number currency_id:id journal_entry_type:text description:text updated_at:time "
     "currency_rate:number posted_date:time document_number:text"},
    {"BANK_TRANSACTIONS", "accounting/bank_transactions",
     "contact_id:id account_id:id from_account_id:id to_account_id:id currency_id:id amount:number "
     "type:text debit_or_credit:text status:text currency_rate:number transaction_date:time "
     "updated_at:time"},
    {"JOURNAL_LINES", "", ""},
    {"PURCHASE_ORDERS", "accounting/purchase_orders",
     "posted_date:time description:text currency_id:id currency_rate:number sub_total:number "
     "total_amount:number total_discount:number tax_amount:number updated_at:time bill_ids:array "
     "delivery_date:time document_number:text status:text contact_id:id line_items:array"},
    {"SALES_ORDERS", "accounting/sales_orders",
     "posted_date:time description:text currency_id:id currency_rate:number sub_total:number "
     "total_amount:number total_discount:number tax_amount:number updated_at:time invoice_ids:array "
     "delivery_date:time document_number:text status:text contact_id:id line_items:array"},
    {"PHONE_NUMBERS", "", ""},
    {"ADDRESSES", "", ""},
    {"EXTERNAL_LINKS", "", ""},
    {"CONTACT_PERSONS", "", ""},
    {"INCOME_STATEMENT", "accounting/income_statement",
     "period_start:text period_end:text currency_id:id revenue:array cost_of_goods_sold:array "
     "gross_profit:number operating_expenses:array operating_profit:number non_operating_revenue:array "
     "non_operating_expenses:array earnings_before_taxes:number taxes:array net_profit:number "
     "updated_at:time"},
    {"BALANCE_SHEET", "accounting/balance_sheet",
     "period_start:text period_end:text currency_id:id assets:array liabilities:array equity:array "
     "net_assets:number updated_at:time"},
    {"TRACKING_CATEGORIES", "accounting/tracking_categories",
     "name:text status:text parent_id:id has_children:flag updated_at:time"},
    {"CASH_FLOW_STATEMENT", "accounting/cash_flow_statement",
     "period_start:text period_end:text operating_activities:array investing_activities:array "
     "financing_activities:array cash_at_beginning_of_period:number cash_at_end_of_period:number "
     "updated_at:time"},
    {"CURRENCIES", "accounting/currencies",
     "name:text code:text symbol:text is_base_currency:flag exchange_rate:number updated_at:time"},
    {"PAYMENT_CUSTOMERS", "payments/customers",
     "created_at:time name:text tax_number:text currency_id:id external_links:array phone_numbers:array "
     "addresses:array"},
    {"PAYMENT_INVOICES", "payments/invoices",
     "contact_id:id currency_id:id document_number:text posted_date:time due_date:time status:text "
     "total_discount:number sub_total:number tax_amount:number total_amount:number amount_due:number "
     "line_items:array"},
    {"PAYMENT_LINE_ITEMS", "", ""},
    {"PAYMENT_ITEMS", "payments/items",
     "created_at:time updated_at:time name:text description:text code:text unit_price:text currency_id:id "
     "status:text"},
    {"PAYMENT_ORDERS", "payments/orders",
     "created_at:time reference:text amount:number amount_due:number status:text currency_id:id"},
    {"PAYMENT_TAX_RATES", "payments/tax_rates",
     "updated_at:time created_at:time name:text description:text rate:number"},
    {"PAYMENT_DISPUTES", "payments/disputes",
     "created_at:time amount:text currency_id:id status:text reason_code:text reason_description:text "
     "payment_id:id"},
    {"PAYMENT_PAYMENTS", "payments/payments",
     "created_at:time description:text amount:text currency_id:id status:text customer_id:id invoice_id:id "
     "order_id:id payment_method:text"},
    {"PAYMENT_REFUNDS", "payments/refunds",
     "created_at:time amount:number currency_id:id payment_id:id description:text status:text"},
    {"PAYMENT_PAYMENT_LINKS", "payments/payment_links",
     "description:text created_at:time updated_at:time amount:text currency_id:id link:text status:text "
     "line_items:array"},
    {"PAYMENT_PAYOUTS", "payments/payouts", "amount:text created_at:time description:text currency_id:id status:text"},
    {"PAYMENT_ADDRESSES", "", ""},
    {"PAYMENT_PHONE_NUMBERS", "", ""},
    {"PAYMENT_EXTERNAL_LINKS", "", ""},
    {"PAYMENT_TRANSACTIONS", "payments/transactions",
     "amount:text type:text created_at:time description:text currency_id:id status:text source:text"},
    {"PAYMENT_BALANCES", "payments/balances",
     "total_balance:text available_balance:text pending_balance:text currency_id:id"},
    {"ECOMMERCE_ORDERS", "ecommerce/orders",
     "currency_id:id reference:text created_at:time updated_at:time order_name:text order_number:text "
     "description:text total_discount:number sub_total:number tax_amount:number total_amount:number "
     "amount_due:number order_status:text payment_status:text line_items:array"},
    {"ECOMMERCE_CUSTOMERS", "ecommerce/customers",
     "name:text email:text phone:text currency_id:id status:text updated_at:time created_at:time "
     "address:object"},
    {"ECOMMERCE_PRODUCTS", "ecommerce/products",
     "name:text description:text status:text created_at:time updated_at:time"},
    {"ECOMMERCE_LINE_ITEMS", "", ""},
    {"CRM_CONTACTS", "crm/contacts",
     "name:text company_id:id external_links:array phone_numbers:array addresses:array"},
    {"CRM_COMPANIES", "crm/companies",
     "name:text people_count:number description:text industry:text created_at:time updated_at:time"},
    {"CRM_DEALS", "crm/deals",
     "name:text amount:number company_id:id contact_id:id stage_id:id currency:text status:text "
     "close_date:time created_at:time updated_at:time"},
    {"CRM_LEADS", "crm/leads",
     "name:text amount:text company_id:id contact_id:id currency:text source_name:text created_at:time "
     "updated_at:time"},
    {"CRM_NOTES", "crm/notes",
     "note:text deal_id:id company_id:id contact_id:id lead_id:id user_id:id created_at:time "
     "updated_at:time"},
    {"CRM_PIPELINES", "crm/pipelines",
     "name:text status:text deal_probability:number created_at:time updated_at:time currency:text"},
    {"CRM_STAGES", "crm/stages",
     "name:text status:text deal_probability:number pipeline_id:id created_at:time updated_at:time"},
    {"CRM_ACTIVITIES", "crm/activities",
     "name:text status:text deal_probability:number pipeline_id:id created_at:time updated_at:time"},
    {"CRM_TASKS", "crm/tasks",
     "name:text description:text status:text due_date:time parent_task_id:id created_at:time "
     "updated_at:time completed_at:time company_id:id deal_id:id user_id:id"},
    {"CRM_USERS", "crm/users", "name:text currency:text created_at:time updated_at:time status:text"},
    {"CRM_EXTERNAL_LINKS", "", ""},
    {"CRM_PHONE_NUMBERS", "", ""},
    {"CRM_ADDRESSES", "", ""},
};

constexpr std::string_view base_members =
    "rootfi_id:integer rootfi_deleted_at:time rootfi_created_at:time rootfi_updated_at:time "
    "rootfi_company_id:integer platform_id:text platform_unique_id:text";

Json types(std::initializer_list<Json> names) {
  Json list = Json::array(names);
  list.push_back("null");
  return Json::object({{"type", list}});
}

Json schema_of_kind(std::string_view kind) {
  if (kind == "integer") return types({"integer"});
  if (kind == "number") return types({"number"});
  if (kind == "flag") return types({"boolean"});
  if (kind == "array") return types({"array"});
  if (kind == "object") return types({"object"});
  if (kind == "id") return types({"integer", "string"});
  Json text = types({"string"});
  // Dates stand beside times with a clock, so that only the name of the kind of text is sure.
  if (kind == "time") text.set("format", "date-time");
  return text;
}

void add_members(Json& properties, std::string_view members) {
  while (!members.empty()) {
    const std::string_view word = members.substr(0, members.find(' '));
    const std::size_t colon = word.find(':');
    properties.set(word.substr(0, colon), schema_of_kind(word.substr(colon + 1)));
    members.remove_prefix(std::min(members.size(), word.size() + 1));
  }
}

std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t k = 0; k < right.size(); ++k) {
      const std::size_t changed = diagonal + (left[i] == right[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Model> models() { return all; }

const Model* find_model(std::string_view name) {
  const auto found =
      std::find_if(std::begin(all), std::end(all), [&](const Model& model) { return model.name == name; });
  return found == std::end(all) ? nullptr : found;
}

Json schema_of(const Model& model) {
  Json properties = Json::object();
  add_members(properties, base_members);
  add_members(properties, model.members);
  return Json::object({{"type", "object"}, {"required", Json::array({"rootfi_id"})}, {"properties", properties}});
}

std::string title_of(std::string_view name) {
  std::string title(name);
  for (std::size_t i = 0; i < title.size(); ++i) {
    if (title[i] == '_')
      title[i] = ' ';
    else if (i > 0 && title[i] >= 'A' && title[i] <= 'Z')
      title[i] = static_cast<char>(title[i] + ('a' - 'A'));
  }
  if (title.starts_with("Crm")) title.replace(0, 3, "CRM");
  return title;
}

std::string nearest_names(std::string_view name) {
  std::string upper(name);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const Model& model : all)
    if (model.readable()) near.emplace_back(distance(upper, model.name), model.name);
  std::stable_sort(near.begin(), near.end(), [](const auto& l, const auto& r) { return l.first < r.first; });
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) text += (i == 0 ? "" : ", ") + std::string(near[i].second);
  return text;
}

}  // namespace ferry::integration_labs
