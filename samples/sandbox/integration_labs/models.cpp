#include "samples/sandbox/integration_labs/models.hpp"

namespace sandbox::integration_labs {
namespace {

constexpr std::string_view accounting = "ACCOUNTING", payments = "PAYMENTS", ecommerce = "ECOMMERCE", crm = "CRM";

constexpr std::string_view accounts =
    "name:name description:memo nominal_code:code current_balance:gross updated_at:changed status:base_status "
    "category:account_category sub_category:null currency_id:currency parent_account_id:null";
constexpr std::string_view bank_accounts =
    "institution_name:name account_name:name account_number:code balance:gross currency_id:currency "
    "category:account_category updated_at:changed";
constexpr std::string_view bills =
    "currency_id:currency contact_id:link total_discount:zero sub_total:net tax_amount:tax total_amount:gross "
    "amount_due:gross document_number:document posted_date:posted due_date:due memo:memo updated_at:changed "
    "status:document_status currency_rate:one purchase_order_ids:empty line_items:lines";
constexpr std::string_view bill_payments =
    "payment_id:document bill_id:link account_id:link credit_note_id:null amount:gross payment_mode:mode "
    "currency_id:currency currency_rate:one memo:memo updated_at:changed payment_date:posted contact_id:link "
    "document_number:document";
constexpr std::string_view company_info =
    "name:name legal_name:name tax_number:code base_currency:currency fiscal_start_at:posted "
    "org_created_at:posted updated_at:changed registration_number:null";
constexpr std::string_view contacts =
    "name:name contact_name:name contact_type:contact_type currency_id:currency tax_number:code "
    "registration_number:null status:base_status updated_at:changed external_links:empty phone_numbers:empty "
    "addresses:empty";
constexpr std::string_view bill_credit_notes =
    "contact_id:link document_number:document total_amount:gross remaining_credit:gross posted_date:posted "
    "currency_id:currency memo:memo status:document_status bill_ids:empty updated_at:changed tax_amount:tax "
    "line_items:lines";
constexpr std::string_view invoice_credit_notes =
    "contact_id:link document_number:document total_amount:gross remaining_credit:gross posted_date:posted "
    "currency_id:currency memo:memo status:document_status invoice_ids:empty updated_at:changed tax_amount:tax "
    "line_items:lines";
constexpr std::string_view documents =
    "file_name:name file_type:null file_size:null document_type_id:link document_type:null document_uploaded:yes "
    "updated_at:changed";
constexpr std::string_view expenses =
    "contact_id:link account_id:link document_number:document posted_date:posted payment_mode:mode "
    "currency_id:currency currency_rate:one total_amount:gross sub_total:net tax_amount:tax total_discount:zero "
    "memo:memo updated_at:changed line_items:lines";
constexpr std::string_view invoices =
    "currency_id:currency contact_id:link total_discount:zero sub_total:net tax_amount:tax total_amount:gross "
    "amount_due:gross document_number:document posted_date:posted due_date:due memo:memo updated_at:changed "
    "status:document_status currency_rate:one sales_order_ids:empty line_items:lines";
constexpr std::string_view invoice_payments =
    "payment_id:document invoice_id:link account_id:link credit_note_id:null amount:gross payment_mode:mode "
    "currency_id:currency currency_rate:one memo:memo updated_at:changed payment_date:posted contact_id:link "
    "document_number:document";
constexpr std::string_view items =
    "name:name description:memo status:base_status type:item_type code:code quantity_on_hand:quantity "
    "is_bill_item:no bill_item:null is_invoice_item:yes invoice_item:null updated_at:changed";
constexpr std::string_view tax_rates =
    "name:name code:code tax_type:null effective_tax_rate:quantity total_tax_rate:quantity components:empty "
    "updated_at:changed";
constexpr std::string_view journal_entries =
    "account_id:link amount:gross currency_id:currency journal_entry_type:null description:memo "
    "updated_at:changed currency_rate:one posted_date:posted document_number:document";
constexpr std::string_view bank_transactions =
    "contact_id:link account_id:link from_account_id:null to_account_id:null currency_id:currency amount:gross "
    "type:mode debit_or_credit:null status:document_status currency_rate:one transaction_date:posted "
    "updated_at:changed";
constexpr std::string_view purchase_orders =
    "posted_date:posted description:memo currency_id:currency currency_rate:one sub_total:net total_amount:gross "
    "total_discount:zero tax_amount:tax updated_at:changed bill_ids:empty delivery_date:due "
    "document_number:document status:document_status contact_id:link line_items:lines";
constexpr std::string_view sales_orders =
    "posted_date:posted description:memo currency_id:currency currency_rate:one sub_total:net total_amount:gross "
    "total_discount:zero tax_amount:tax updated_at:changed invoice_ids:empty delivery_date:due "
    "document_number:document status:document_status contact_id:link line_items:lines";
constexpr std::string_view income_statement =
    "period_start:posted period_end:due currency_id:currency revenue:empty cost_of_goods_sold:empty "
    "gross_profit:gross operating_expenses:empty operating_profit:gross non_operating_revenue:empty "
    "non_operating_expenses:empty earnings_before_taxes:gross taxes:empty net_profit:gross updated_at:changed";
constexpr std::string_view balance_sheet =
    "period_start:posted period_end:due currency_id:currency assets:empty liabilities:empty equity:empty "
    "net_assets:gross updated_at:changed";
constexpr std::string_view tracking_categories =
    "name:name status:base_status parent_id:null has_children:no updated_at:changed";
constexpr std::string_view cash_flow_statement =
    "period_start:posted period_end:due operating_activities:empty investing_activities:empty "
    "financing_activities:empty cash_at_beginning_of_period:gross cash_at_end_of_period:gross updated_at:changed";
constexpr std::string_view currencies =
    "name:name code:currency symbol:null is_base_currency:no exchange_rate:one updated_at:changed";
constexpr std::string_view payment_customers =
    "created_at:posted name:name tax_number:code currency_id:currency external_links:empty phone_numbers:empty "
    "addresses:empty";
constexpr std::string_view payment_invoices =
    "contact_id:link currency_id:currency document_number:document posted_date:posted due_date:due "
    "status:document_status total_discount:zero sub_total:net tax_amount:tax total_amount:gross amount_due:gross "
    "line_items:lines";
constexpr std::string_view payment_items =
    "created_at:posted updated_at:changed name:name description:memo code:code unit_price:gross "
    "currency_id:currency status:base_status";
constexpr std::string_view payment_orders =
    "created_at:posted reference:document amount:gross amount_due:gross status:document_status "
    "currency_id:currency";
constexpr std::string_view payment_tax_rates =
    "updated_at:changed created_at:posted name:name description:memo rate:quantity";
constexpr std::string_view payment_disputes =
    "created_at:posted amount:gross currency_id:currency status:document_status reason_code:null "
    "reason_description:null payment_id:document";
constexpr std::string_view payment_payments =
    "created_at:posted description:memo amount:gross currency_id:currency status:document_status customer_id:link "
    "invoice_id:link order_id:link payment_method:mode";
constexpr std::string_view payment_refunds =
    "created_at:posted amount:gross currency_id:currency payment_id:document description:memo "
    "status:document_status";
constexpr std::string_view payment_payment_links =
    "description:memo created_at:posted updated_at:changed amount:gross currency_id:currency link:null "
    "status:base_status line_items:lines";
constexpr std::string_view payment_payouts =
    "amount:gross created_at:posted description:memo currency_id:currency status:document_status";
constexpr std::string_view payment_transactions =
    "amount:gross type:mode created_at:posted description:memo currency_id:currency status:document_status "
    "source:null";
constexpr std::string_view payment_balances =
    "total_balance:gross available_balance:gross pending_balance:gross currency_id:currency";
constexpr std::string_view ecommerce_orders =
    "currency_id:currency reference:document created_at:posted updated_at:changed order_name:name "
    "order_number:document description:memo total_discount:zero sub_total:net tax_amount:tax total_amount:gross "
    "amount_due:gross order_status:null payment_status:null line_items:lines";
constexpr std::string_view ecommerce_customers =
    "name:name email:null phone:null currency_id:currency status:base_status updated_at:changed created_at:posted "
    "address:null";
constexpr std::string_view ecommerce_products =
    "name:name description:memo status:base_status created_at:posted updated_at:changed";
constexpr std::string_view crm_contacts =
    "name:name company_id:link external_links:empty phone_numbers:empty addresses:empty";
constexpr std::string_view crm_companies =
    "name:name people_count:quantity description:memo industry:null created_at:posted updated_at:changed";
constexpr std::string_view crm_deals =
    "name:name amount:gross company_id:link contact_id:link stage_id:link currency:currency status:base_status "
    "close_date:due created_at:posted updated_at:changed";
constexpr std::string_view crm_leads =
    "name:name amount:gross company_id:link contact_id:link currency:currency source_name:name created_at:posted "
    "updated_at:changed";
constexpr std::string_view crm_notes =
    "note:memo deal_id:link company_id:link contact_id:link lead_id:link user_id:link created_at:posted "
    "updated_at:changed";
constexpr std::string_view crm_pipelines =
    "name:name status:base_status deal_probability:quantity created_at:posted updated_at:changed "
    "currency:currency";
constexpr std::string_view crm_stages =
    "name:name status:base_status deal_probability:quantity pipeline_id:link created_at:posted updated_at:changed";
constexpr std::string_view crm_tasks =
    "name:name description:memo status:base_status due_date:due parent_task_id:null created_at:posted "
    "updated_at:changed completed_at:due company_id:link deal_id:link user_id:link";
constexpr std::string_view crm_users =
    "name:name currency:currency created_at:posted updated_at:changed status:base_status";

}  // namespace

const std::vector<Model>& models() {
  static const std::vector<Model> all = {
      {"ACCOUNTS", accounting, "accounting/accounts", "ACC", accounts},
      {"BANK_ACCOUNTS", accounting, "accounting/bank_accounts", "BANK", bank_accounts},
      {"BILLS", accounting, "accounting/bills", "BILL", bills},
      {"BILL_PAYMENTS", accounting, "accounting/bill_payments", "BPAY", bill_payments},
      {"COMPANY_INFO", accounting, "accounting/company_info", "ORG", company_info},
      {"CONTACTS", accounting, "accounting/contacts", "CON", contacts},
      {"BILL_CREDIT_NOTES", accounting, "accounting/bill_credit_notes", "BCN", bill_credit_notes},
      {"INVOICE_CREDIT_NOTES", accounting, "accounting/invoice_credit_notes", "ICN", invoice_credit_notes},
      {"DOCUMENTS", accounting, "accounting/documents", "DOC", documents},
      {"EXPENSES", accounting, "accounting/expenses", "EXP", expenses},
      {"INVOICES", accounting, "accounting/invoices", "INV", invoices},
      {"INVOICE_PAYMENTS", accounting, "accounting/invoice_payments", "IPAY", invoice_payments},
      {"ITEMS", accounting, "accounting/items", "ITEM", items},
      {"LINE_ITEMS", accounting, "", "", ""},
      {"TAX_RATES", accounting, "accounting/tax_rates", "TAX", tax_rates},
      {"JOURNAL_ENTRIES", accounting, "accounting/journal_entries", "JE", journal_entries},
      {"BANK_TRANSACTIONS", accounting, "accounting/bank_transactions", "BTX", bank_transactions},
      {"JOURNAL_LINES", accounting, "", "", ""},
      {"PURCHASE_ORDERS", accounting, "accounting/purchase_orders", "PO", purchase_orders},
      {"SALES_ORDERS", accounting, "accounting/sales_orders", "SO", sales_orders},
      {"PHONE_NUMBERS", accounting, "", "", ""},
      {"ADDRESSES", accounting, "", "", ""},
      {"EXTERNAL_LINKS", accounting, "", "", ""},
      {"CONTACT_PERSONS", accounting, "", "", ""},
      {"INCOME_STATEMENT", accounting, "accounting/income_statement", "IS", income_statement},
      {"BALANCE_SHEET", accounting, "accounting/balance_sheet", "BS", balance_sheet},
      {"TRACKING_CATEGORIES", accounting, "accounting/tracking_categories", "TC", tracking_categories},
      {"CASH_FLOW_STATEMENT", accounting, "accounting/cash_flow_statement", "CF", cash_flow_statement},
      {"CURRENCIES", accounting, "accounting/currencies", "CUR", currencies},
      {"PAYMENT_CUSTOMERS", payments, "payments/customers", "CUS", payment_customers},
      {"PAYMENT_INVOICES", payments, "payments/invoices", "PINV", payment_invoices},
      {"PAYMENT_LINE_ITEMS", payments, "", "", ""},
      {"PAYMENT_ITEMS", payments, "payments/items", "PITEM", payment_items},
      {"PAYMENT_ORDERS", payments, "payments/orders", "PORD", payment_orders},
      {"PAYMENT_TAX_RATES", payments, "payments/tax_rates", "PTAX", payment_tax_rates},
      {"PAYMENT_DISPUTES", payments, "payments/disputes", "DIS", payment_disputes},
      {"PAYMENT_PAYMENTS", payments, "payments/payments", "PAY", payment_payments},
      {"PAYMENT_REFUNDS", payments, "payments/refunds", "REF", payment_refunds},
      {"PAYMENT_PAYMENT_LINKS", payments, "payments/payment_links", "LINK", payment_payment_links},
      {"PAYMENT_PAYOUTS", payments, "payments/payouts", "OUT", payment_payouts},
      {"PAYMENT_ADDRESSES", payments, "", "", ""},
      {"PAYMENT_PHONE_NUMBERS", payments, "", "", ""},
      {"PAYMENT_EXTERNAL_LINKS", payments, "", "", ""},
      {"PAYMENT_TRANSACTIONS", payments, "payments/transactions", "PTX", payment_transactions},
      {"PAYMENT_BALANCES", payments, "payments/balances", "BAL", payment_balances},
      {"ECOMMERCE_ORDERS", ecommerce, "ecommerce/orders", "ORD", ecommerce_orders},
      {"ECOMMERCE_CUSTOMERS", ecommerce, "ecommerce/customers", "ECUS", ecommerce_customers},
      {"ECOMMERCE_PRODUCTS", ecommerce, "ecommerce/products", "PRO", ecommerce_products},
      {"ECOMMERCE_LINE_ITEMS", ecommerce, "", "", ""},
      {"CRM_CONTACTS", crm, "crm/contacts", "CCON", crm_contacts},
      {"CRM_COMPANIES", crm, "crm/companies", "CCOM", crm_companies},
      {"CRM_DEALS", crm, "crm/deals", "DEAL", crm_deals},
      {"CRM_LEADS", crm, "crm/leads", "LEAD", crm_leads},
      {"CRM_NOTES", crm, "crm/notes", "NOTE", crm_notes},
      {"CRM_PIPELINES", crm, "crm/pipelines", "PIPE", crm_pipelines},
      {"CRM_STAGES", crm, "crm/stages", "STG", crm_stages},
      {"CRM_ACTIVITIES", crm, "crm/activities", "ACT", crm_stages},
      {"CRM_TASKS", crm, "crm/tasks", "TASK", crm_tasks},
      {"CRM_USERS", crm, "crm/users", "USR", crm_users},
      {"CRM_EXTERNAL_LINKS", crm, "", "", ""},
      {"CRM_PHONE_NUMBERS", crm, "", "", ""},
      {"CRM_ADDRESSES", crm, "", "", ""}};
  return all;
}

const Model* find_model(std::string_view name) {
  for (const Model& model : models())
    if (model.name == name) return &model;
  return nullptr;
}

const Model* find_model_at(std::string_view path) {
  for (const Model& model : models())
    if (!model.path.empty() && model.path == path) return &model;
  return nullptr;
}

}  // namespace sandbox::integration_labs
