"""Why the numbers of Google and HubSpot differ; and runs that a page starts without a decision."""

from lockstep_airflow.status.texts.kind import Text

_PAGE: dict[str, Text] = {
    "difference_lead": ("Google Ads counts actions, on the day of the click. HubSpot counts people, once. Both are right, and this is the way from one to the other.", "Google Ads teller handlinger, på dagen for klikket. HubSpot teller personer, én gang. Begge har rett, og dette er veien fra det ene til det andre.", "Google Ads räknar handlingar, på dagen för klicket. HubSpot räknar personer, en gång. Båda har rätt, och detta är vägen från det ena till det andra."),
    "worked_out_at": ("Reports read", "Rapporter lest", "Rapporter lästa"),
    "first_day": ("First day", "Første dag", "Första dag"),
    "last_day": ("Last day", "Siste dag", "Sista dag"),
    "account": ("Account", "Konto", "Konto"),
    "all_campaigns": ("All campaigns", "Alle kampanjer", "Alla kampanjer"),
    "no_campaign": ("No campaign", "Ingen kampanje", "Ingen kampanj"),
    "in_zone": ("Days in the account's time zone, {zone}", "Dager i kontoens tidssone, {zone}", "Dagar i kontots tidszon, {zone}"),
    "bridge": ("From HubSpot's number to Google's", "Fra HubSpots tall til Googles", "Från HubSpots siffra till Googles"),
    "bridge_of": ("Contacts in HubSpot: {contacts}. Conversions in Google Ads: {network}. The difference of {difference} is made of these parts", "Kontakter i HubSpot: {contacts}. Konverteringer i Google Ads: {network}. Forskjellen på {difference} består av dette", "Kontakter i HubSpot: {contacts}. Konverteringar i Google Ads: {network}. Skillnaden på {difference} består av detta"),
    "bridge_same": ("Contacts in HubSpot: {contacts}. Conversions in Google Ads: {network}. No difference", "Kontakter i HubSpot: {contacts}. Konverteringer i Google Ads: {network}. Ingen forskjell", "Kontakter i HubSpot: {contacts}. Konverteringar i Google Ads: {network}. Ingen skillnad"),
    "part_of": ("Part", "Del", "Del"),
    "bar": ("Picture", "Bilde", "Bild"),
    "number_of": ("Number", "Antall", "Antal"),
    "bar.contacts": ("Contacts in HubSpot", "Kontakter i HubSpot", "Kontakter i HubSpot"),
    "bar.network": ("Conversions in Google Ads", "Konverteringer i Google Ads", "Konverteringar i Google Ads"),
    "day": ("Day", "Dag", "Dag"),
    "clicks": ("Clicks", "Klikk", "Klick"),
    "google_counts": ("Google Ads", "Google Ads", "Google Ads"),
    "hubspot_counts": ("HubSpot", "HubSpot", "HubSpot"),
    "difference": ("Difference", "Forskjell", "Skillnad"),
    "by_day": ("By campaign and day", "Etter kampanje og dag", "Per kampanj och dag"),
    "why_differs": ("Made of", "Består av", "Består av"),
    "row_parts": ("{campaign}, {day}: {parts}", "{campaign}, {day}: {parts}", "{campaign}, {day}: {parts}"),
    "show_agreeing": ("Show days on which both agree", "Vis dager der begge er enige", "Visa dagar då båda stämmer överens"),
    "agreeing_hidden": ("{n} rows with nothing to explain are not shown", "{n} rader uten noe å forklare vises ikke", "{n} rader utan något att förklara visas inte"),
    "agreeing_hidden.one": ("1 row with nothing to explain is not shown", "1 rad uten noe å forklare vises ikke", "1 rad utan något att förklara visas inte"),
    "nothing_differs": ("Both agree", "Begge er enige", "Båda stämmer överens"),
    "differences_csv": ("Table as CSV", "Tabell som CSV", "Tabell som CSV"),
    "no_reports": ("No report was read yet", "Ingen rapport er lest ennå", "Ingen rapport har lästs ännu"),
    "no_reports_do": ("pull_conversions reads Google's reports and HubSpot's contacts of ads every six hours, as soon as conversions.yaml names a milestone and both connections are there.", "pull_conversions leser Googles rapporter og HubSpots annonsekontakter hver sjette time, så snart conversions.yaml angir en milepæl og begge tilkoblingene finnes.", "pull_conversions läser Googles rapporter och HubSpots annonskontakter var sjätte timme, så snart conversions.yaml anger en milstolpe och båda anslutningarna finns."),
    "nothing_then": ("Nothing happened in these days", "Ingenting skjedde disse dagene", "Inget hände dessa dagar"),
    "nothing_then_do": ("There was no click, no conversion, no milestone and no contact of an ad.", "Det var ingen klikk, konverteringer, milepæler eller annonsekontakter.", "Det fanns inga klick, konverteringar, milstolpar eller annonskontakter."),
    "page_number": ("Page {page} of {n}", "Side {page} av {n}", "Sida {page} av {n}"),
    "next_page": ("Next", "Neste", "Nästa"),
    "previous_page": ("Previous", "Forrige", "Föregående"),
    "family.besides": ("Counted besides, or on another day", "Talt i tillegg, eller på en annen dag", "Räknat därutöver, eller en annan dag"),
    "family.people": ("People whom only one of them counts", "Personer som bare den ene teller", "Personer som bara den ena räknar"),
    "family.yet": ("Not counted yet", "Ikke talt ennå", "Inte räknat ännu"),
    "family.never": ("Milestones that Google does not count", "Milepæler som Google ikke teller", "Milstolpar som Google inte räknar"),
    "family.unexplained": ("Not explained", "Ikke forklart", "Inte förklarat"),
    "family.whole": ("The two numbers", "De to tallene", "De två siffrorna"),
}  # fmt: skip

_BUCKETS: dict[str, Text] = {
    "bucket.other_sources": ("Actions that no milestone feeds, such as a tag of the site", "Handlinger uten milepæl, som en tagg på nettstedet", "Åtgärder utan milstolpe, som en tagg på webbplatsen"),
    "bucket.counted_on_another_day": ("Happened on one day, counted on the day of its click", "Skjedde én dag, talt på dagen for klikket", "Inträffade en dag, räknad på dagen för klicket"),
    "bucket.no_click_id": ("Milestones without a click id", "Milepæler uten klikk-ID", "Milstolpar utan klick-ID"),
    "bucket.expired": ("Click too old", "Klikket er for gammelt", "Klicket är för gammalt"),
    "bucket.too_recent": ("Click too recent: sent later", "Klikket er for nytt: sendes senere", "Klicket är för nytt: skickas senare"),
    "bucket.not_sent": ("Not sent yet", "Ikke sendt ennå", "Inte skickat ännu"),
    "bucket.pending": ("Sent, not in Google's report yet", "Sendt, ikke i Googles rapport ennå", "Skickat, inte i Googles rapport ännu"),
    "bucket.rejected": ("Rejected by Google", "Avvist av Google", "Avvisat av Google"),
    "bucket.rejected_but_row_unknown": ("Refused in part, being found out which", "Delvis avvist, det undersøkes hvilke", "Delvis avvisat, det utreds vilka"),
    "bucket.duplicate": ("Duplicates: Google has them from elsewhere", "Duplikater: Google har dem fra andre", "Dubbletter: Google har dem från annat håll"),
    "bucket.consent": ("Consent forbids it", "Samtykket forbyr det", "Samtycket förbjuder det"),
    "bucket.taken_back": ("Taken back", "Trukket tilbake", "Återtaget"),
    "bucket.counted_once_per_click": ("Further conversions of one click, of an action that counts one", "Flere konverteringer fra ett klikk, for en handling som teller én", "Fler konverteringar av ett klick, för en åtgärd som räknar en"),
    "bucket.several_actions_by_one_person": ("Several milestones of one person", "Flere milepæler for én person", "Flera milstolpar för en person"),
    "bucket.existing_contact": ("Was a contact before the ad", "Var kontakt før annonsen", "Var kontakt före annonsen"),
    "bucket.not_tracked": ("No tracking cookie, or no form", "Ingen sporingskapsel, eller ikke skjema", "Ingen spårningskaka, eller inget formulär"),
    "bucket.other_session": ("Sent the form in another session than the ad's", "Sendte skjemaet i en annen økt enn annonsens", "Skickade formuläret i en annan session än annonsens"),
    "bucket.not_in_hubspot": ("Not in HubSpot", "Ikke i HubSpot", "Inte i HubSpot"),
    "bucket.contact_of_another_ad_or_day": ("HubSpot counts the person for another ad or day", "HubSpot teller personen for en annen annonse eller dag", "HubSpot räknar personen för en annan annons eller dag"),
    "bucket.contact_without_milestone": ("Contacts that have reached no milestone", "Kontakter som ikke har nådd en milepæl", "Kontakter som inte har nått någon milstolpe"),
    "bucket.not_explained": ("Not explained: mostly conversions that others upload", "Ikke forklart: oftest konverteringer som andre laster opp", "Inte förklarat: oftast konverteringar som andra laddar upp"),
}  # fmt: skip

_RUNS: dict[str, Text] = {
    "run_starting": ("Starting the run…", "Starter kjøringen …", "Startar körningen …"),
    "run_started": ("{dag} is {state}.", "{dag}: {state}.", "{dag}: {state}."),
    "run_paused": ("{dag} is paused: unpause it in Airflow, and the run begins.", "{dag} er satt på pause: ta den av pause i Airflow, så begynner kjøringen.", "{dag} är pausad: ta den ur paus i Airflow så börjar körningen."),
    "run_refused": ("{dag} could not be started ({why}).", "{dag} kunne ikke startes ({why}).", "{dag} kunde inte startas ({why})."),
}  # fmt: skip

TEXTS = _PAGE | _BUCKETS | _RUNS

FOR_SCRIPTS = tuple(_RUNS)
