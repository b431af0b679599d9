"""The ledger's own words: statuses, outcomes, operations, systems, objects."""

from lockstep_airflow.status.texts.kind import Text

_STATUS: dict[str, Text] = {
    "status.in_process": ("In Process", "Under arbeid", "Pågår"),
    "status.succeeded": ("Succeeded", "Vellykket", "Lyckades"),
    "status.failed": ("Failed", "Feilet", "Misslyckades"),
    "status.incomplete": ("Incomplete", "Ufullstendig", "Ofullständig"),
    "status.cleaned_up": ("Cleaned up", "Ryddet opp", "Uppstädad"),
    "outcome.failed": ("Failed", "Feilet", "Misslyckades"),
    "outcome.field_failed": ("Field rejected", "Felt avvist", "Fält avvisat"),
    "outcome.held": ("Held", "Holdt tilbake", "Kvarhållen"),
    "outcome.deferred": ("Deferred", "Utsatt", "Uppskjuten"),
    "outcome.planned": ("Planned", "Planlagt", "Planerad"),
    "outcome.new": ("New", "Ny", "Ny"),
    "outcome.updated": ("Updated", "Oppdatert", "Uppdaterad"),
    "outcome.deleted": ("Deleted", "Slettet", "Raderad"),
    "outcome.skipped": ("Skipped", "Utelatt", "Överhoppad"),
}

_OPERATIONS: dict[str, Text] = {
    "operation.sync_schema": ("Sync schema", "Synkroniser skjema", "Synka schema"),
    "operation.pull_updates": ("Pull updates", "Hent endringer", "Hämta ändringar"),
    "operation.pull_deletes": ("Pull deletes", "Hent slettinger", "Hämta raderingar"),
    "operation.pull_conversions": ("Pull conversions", "Hent konverteringer", "Hämta konverteringar"),
    "operation.push_new": ("Push new", "Send nye", "Skicka nya"),
    "operation.push_updates": ("Push updates", "Send endringer", "Skicka ändringar"),
    "operation.push_deletes": ("Push deletes", "Send slettinger", "Skicka raderingar"),
    "operation.update_fks": ("Update FKs", "Oppdater koblinger", "Uppdatera kopplingar"),
    "operation.update_activities": ("Update activities", "Oppdater aktiviteter", "Uppdatera aktiviteter"),
    "operation.init_link_with_program": ("Init link with program", "Koble til program", "Koppla till program"),
    "operation.sync_with_program": ("Sync with program", "Synkroniser program", "Synka program"),
    "operation.pull_milestones": ("Pull milestones", "Hent milepæler", "Hämta milstolpar"),
    "operation.pull_network_conversions": ("Pull network conversions", "Hent annonsekonverteringer", "Hämta annonskonverteringar"),
    "operation.reconcile": ("Reconcile", "Avstem", "Stäm av"),
    "operation.preflight": ("Preflight", "Forhåndssjekk", "Förhandskontroll"),
    "operation.push_conversions": ("Push conversions", "Send konverteringer", "Skicka konverteringar"),
    "system.salesforce": ("Salesforce", "Salesforce", "Salesforce"),
    "system.hubspot": ("HubSpot", "HubSpot", "HubSpot"),
    "system.google_ads": ("Google Ads", "Google Ads", "Google Ads"),
}  # fmt: skip

#: objects of the vendors, as people call them (MK-07, MK-08)
_OBJECTS: dict[str, Text] = {
    "object.Account": ("Account", "Konto", "Konto"),
    "object.Contact": ("Contact", "Kontakt", "Kontakt"),
    "object.Lead": ("Lead", "Lead", "Lead"),
    "object.Opportunity": ("Opportunity", "Salgsmulighet", "Affärsmöjlighet"),
    "object.Task": ("Task", "Oppgave", "Uppgift"),
    "object.User": ("User", "Bruker", "Användare"),
    "object.Campaign": ("Campaign", "Kampanje", "Kampanj"),
    "object.CampaignMember": ("Campaign Member", "Kampanjemedlem", "Kampanjmedlem"),
    "object.OpportunityContactRole": ("Opportunity Contact Role", "Kontaktrolle", "Kontaktroll"),
    "object.Event": ("Event", "Hendelse", "Händelse"),
    "object.Case": ("Case", "Sak", "Ärende"),
    "object.Person": ("Person (Lead)", "Person (Lead)", "Person (Lead)"),
    "object.companies": ("Company", "Selskap", "Företag"),
    "object.contacts": ("Contact", "Kontakt", "Kontakt"),
    "object.deals": ("Deal", "Avtale", "Affär"),
    "object.deals/contacts": ("Opportunity Contact Role", "Kontaktrolle", "Kontaktroll"),
    "object.tickets": ("Ticket", "Sak", "Ärende"),
    "object.tasks": ("Task", "Oppgave", "Uppgift"),
    "object.form_submissions": ("Form submission", "Innsendt skjema", "Inskickat formulär"),
    "object.meetings": ("Meeting", "Møte", "Möte"),
    "object.calls": ("Call", "Samtale", "Samtal"),
    "object.emails": ("E-mail", "E-post", "E-post"),
    "object.campaigns": ("Campaign", "Kampanje", "Kampanj"),
    "object.campaign": ("Campaign", "Kampanje", "Kampanj"),
    "object.click_view": ("Click", "Klikk", "Klick"),
    "object.conversion": ("Conversion", "Konvertering", "Konvertering"),
    "object.upload_summary": ("Upload summary", "Opplastingsrapport", "Uppladdningsrapport"),
    "object.campaigns/contacts": ("Campaign Member", "Kampanjemedlem", "Kampanjmedlem"),
}

TEXTS = _STATUS | _OPERATIONS | _OBJECTS
