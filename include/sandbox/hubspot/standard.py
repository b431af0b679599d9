"""The CRM objects that every portal has and the properties they start with."""

from __future__ import annotations

from sandbox.hubspot import options as lists
from sandbox.hubspot.activities import ACTIVITIES, ACTIVITY_PROPERTIES
from sandbox.hubspot.catalogue import Property
from sandbox.hubspot.object_type import ObjectType, address, choice, custom, fixed, number, read_only, stamped, text

CONTACTS = ObjectType(
    "0-1", "contacts", "contact", "lastmodifieddate", "createdate",
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    (("email", "firstname", "lastname"),), "contactinformation", "email", ("email",),
)  # fmt: skip
COMPANIES = ObjectType(
    "0-2", "companies", "company", "hs_lastmodifieddate", "createdate",
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    (("name", "domain"),), "companyinformation", "name",
)  # fmt: skip
DEALS = ObjectType(
    "0-3", "deals", "deal", "hs_lastmodifieddate", "createdate",
    ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    (("dealname",), ("dealstage",)), "dealinformation", "dealname",
)  # fmt: skip
TICKETS = ObjectType(
    "0-5", "tickets", "ticket", "hs_lastmodifieddate", "createdate",
    ("content", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_pipeline", "hs_pipeline_stage",
     "hs_ticket_category", "hs_ticket_priority", "subject"),
    (("hs_pipeline_stage",), ("subject",)), "ticketinformation", "subject",
)  # fmt: skip
TYPES = (CONTACTS, COMPANIES, DEALS, TICKETS, *ACTIVITIES)

ANALYTICS = [
    choice("hs_analytics_source", "Original Source", lists.ANALYTICS_SOURCE),
    choice("hs_latest_source", "Latest Source", lists.ANALYTICS_SOURCE),
    text("hs_analytics_source_data_1", "Original Source Drill-Down 1"),
    text("hs_analytics_source_data_2", "Original Source Drill-Down 2"),
    text("hs_latest_source_data_1", "Latest Source Drill-Down 1"),
    text("hs_latest_source_data_2", "Latest Source Drill-Down 2"),
    text("hs_google_click_id", "Google ad click id"),
    text("hs_analytics_first_url", "First Page Seen"),
]


PROPERTIES: dict[str, list[Property]] = {
    "contacts": [
        *stamped("createdate", "lastmodifieddate"),
        Property("email", "Email", "string", "text", unique=True),
        text("firstname", "First Name"),
        text("lastname", "Last Name"),
        text("phone", "Phone Number", "phonenumber"),
        text("mobilephone", "Mobile Phone Number", "phonenumber"),
        text("jobtitle", "Job Title"),
        text("company", "Company Name"),
        *address(),
        choice("lifecyclestage", "Lifecycle Stage", lists.LIFECYCLE, "radio"),
        *(fixed(f"hs_lifecyclestage_{item.value}_date", f"Became a {item.label} Date", "datetime") for item in lists.LIFECYCLE),
        choice("hs_lead_status", "Lead Status", lists.LEAD_STATUS, "radio"),
        Property("date_of_birth", "Date of birth", "date", "date"),
        text("message", "Message", "textarea"),
        text("website", "Website URL"),
        custom(choice("leadsource", "Lead source", lists.LEAD_SOURCE)),
        custom(text("gclid", "GCLID")),
        fixed("associatedcompanyid", "Primary Associated Company ID", "number"),
        fixed("hs_email_optout", "Unsubscribed from all email", "bool"),
        fixed("hs_email_domain", "Email Domain"),
        fixed("hs_additional_emails", "Additional email addresses"),
        fixed("hs_all_contact_vids", "Merged vids with timestamps of a contact"),
        fixed("hs_calculated_merged_vids", "Merged vids with timestamps"),
        fixed("hs_is_unworked", "Contact unworked", "bool"),
        fixed("num_associated_deals", "Number of Associated Deals", "number"),
        fixed("num_conversion_events", "Number of Form Submissions", "number"),
        fixed("first_conversion_date", "First Conversion Date", "datetime"),
        fixed("recent_conversion_date", "Recent Conversion Date", "datetime"),
        fixed("recent_conversion_event_name", "Recent Conversion"),
        fixed("num_unique_conversion_events", "Number of Unique Forms Submitted", "number"),
        fixed("hs_analytics_num_visits", "Number of Sessions", "number"),
        fixed("hs_analytics_num_page_views", "Number of Pageviews", "number"),
        fixed("hs_analytics_revenue", "Event Revenue", "number"),
        fixed("hs_analytics_first_timestamp", "Time First Seen", "datetime"),
        fixed("hs_pipeline", "Pipeline"),
        *read_only(ANALYTICS),
    ],
    "companies": [
        *stamped("createdate", "hs_lastmodifieddate"),
        text("name", "Company name"),
        text("domain", "Company Domain Name"),
        text("website", "Website URL"),
        text("phone", "Phone Number", "phonenumber"),
        choice("industry", "Industry", lists.INDUSTRY),
        choice("type", "Type", lists.COMPANY_TYPE, "radio"),
        number("numberofemployees", "Number of Employees"),
        number("annualrevenue", "Annual Revenue"),
        *address(),
        text("description", "Description", "textarea"),
        choice("lifecyclestage", "Lifecycle Stage", lists.LIFECYCLE, "radio"),
        fixed("num_associated_contacts", "Number of Associated Contacts", "number"),
        fixed("num_associated_deals", "Number of Associated Deals", "number"),
        fixed("hs_additional_domains", "Additional Domains"),
    ],
    "deals": [
        *stamped("createdate", "hs_lastmodifieddate"),
        text("dealname", "Deal Name"),
        Property("pipeline", "Pipeline", "enumeration", "select", external="PIPELINE"),
        Property("dealstage", "Deal Stage", "enumeration", "radio", external="STAGE"),
        number("amount", "Amount"),
        Property("closedate", "Close Date", "datetime", "date"),
        choice("dealtype", "Deal Type", lists.DEAL_TYPE, "radio"),
        text("description", "Deal Description", "textarea"),
        text("hs_next_step", "Next step"),
        text("closed_won_reason", "Closed Won Reason", "textarea"),
        text("closed_lost_reason", "Closed Lost Reason", "textarea"),
        custom(text("gclid", "GCLID")),
        fixed("hs_is_closed", "Is Deal Closed?", "bool"),
        fixed("hs_is_closed_won", "Is Closed Won", "bool"),
        fixed("hs_deal_stage_probability", "Deal probability", "number"),
        fixed("num_associated_contacts", "Number of Associated Contacts", "number"),
    ],
    "tickets": [
        *stamped("createdate", "hs_lastmodifieddate"),
        text("subject", "Ticket name"),
        text("content", "Ticket description", "textarea"),
        Property("hs_pipeline", "Pipeline", "enumeration", "select", external="PIPELINE"),
        Property("hs_pipeline_stage", "Ticket status", "enumeration", "select", external="STAGE"),
        choice("hs_ticket_priority", "Priority", lists.TICKET_PRIORITY),
        choice("hs_ticket_category", "Category", lists.TICKET_CATEGORY, "checkbox"),
        choice("source_type", "Source", lists.TICKET_SOURCE),
        text("hs_resolution", "Resolution"),
        fixed("closed_date", "Close date", "datetime"),
    ],
    **ACTIVITY_PROPERTIES,
}  # fmt: skip
