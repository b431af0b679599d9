"""The frame of every page, filters, and what to say when there is nothing to show."""

from lockstep_airflow.status.texts.kind import Text

_PAGE: dict[str, Text] = {
    "title": ("Sync Status", "Synkstatus", "Synkstatus"),
    "views": ("Views", "Visninger", "Vyer"),
    "view.batches": ("Batches", "Partier", "Partier"),
    "view.errors": ("Errors", "Feil", "Fel"),
    "view.unsynced": ("Skipped and held", "Utelatt og holdt tilbake", "Överhoppat och kvarhållet"),
    "view.record": ("Record", "Post", "Post"),
    "guide": ("Operations guide", "Driftsveiledning", "Drifthandbok"),
    "no_guide": ("The operations guide is not on this host", "Driftsveiledningen er ikke på denne maskinen", "Drifthandboken finns inte på den här datorn"),
    "no_guide_do": ("It is the file docs/operations.md of the project; put the folder docs beside plugins.", "Det er filen docs/operations.md i prosjektet; legg mappen docs ved siden av plugins.", "Det är filen docs/operations.md i projektet; lägg mappen docs bredvid plugins."),
    "language": ("Language", "Språk", "Språk"),
    "skip": ("Skip to the content", "Gå til innholdet", "Gå till innehållet"),
    "live": ("Live: something is in process", "Direkte: noe er under arbeid", "Direkt: något pågår"),
    "live_stopped": ("Not up to date: the server does not answer. Trying again.", "Ikke oppdatert: tjeneren svarer ikke. Prøver igjen.", "Inte uppdaterad: servern svarar inte. Försöker igen."),
    "login_expired": ("Your login has expired. Log in to Airflow again, then reload this page.", "Innloggingen er utløpt. Logg inn i Airflow igjen, og last siden på nytt.", "Inloggningen har gått ut. Logga in i Airflow igen och ladda om sidan."),
    "log_in": ("Log in", "Logg inn", "Logga in"),
    "no_access": ("You may not see this page. Ask an administrator for access to Airflow's website view.", "Du har ikke tilgang til denne siden. Be en administrator om tilgang til Airflows nettsider.", "Du har inte åtkomst till den här sidan. Be en administratör om åtkomst till Airflows webbvyer."),
    "zone": ("Times: {zone}", "Tider: {zone}", "Tider: {zone}"),
}  # fmt: skip

_FILTERS: dict[str, Text] = {
    "filters": ("Filters", "Filtre", "Filter"),
    "period": ("Period", "Periode", "Period"),
    "period.1h": ("Last hour", "Siste time", "Senaste timmen"),
    "period.24h": ("Last 24 hours", "Siste 24 timer", "Senaste 24 timmarna"),
    "period.5d": ("Last 5 days", "Siste 5 dager", "Senaste 5 dagarna"),
    "period.30d": ("Last 30 days", "Siste 30 dager", "Senaste 30 dagarna"),
    "period.all": ("All", "Alle", "Alla"),
    "period.custom": ("Between…", "Mellom …", "Mellan …"),
    "from": ("From", "Fra", "Från"),
    "to": ("To", "Til", "Till"),
    "any": ("All", "Alle", "Alla"),
    "chosen": ("{n} chosen", "{n} valgt", "{n} valda"),
    "run": ("Run id", "Kjørings-ID", "Körnings-ID"),
    "show_empty": ("Show batches without items", "Vis partier uten poster", "Visa partier utan poster"),
    "apply": ("Apply", "Bruk", "Använd"),
    "clear": ("Clear", "Nullstill", "Rensa"),
}

_STATES: dict[str, Text] = {
    "fresh": ("Nothing has been synced yet", "Ingenting er synkronisert ennå", "Inget har synkats ännu"),
    "fresh_do": ("Batches appear here as soon as the first cycle starts.", "Partier vises her så snart den første syklusen starter.", "Partier visas här så snart den första cykeln startar."),
    "fresh_1": ("Add the connections salesforce_default and hubspot_default under Admin › Connections.", "Legg til tilkoblingene salesforce_default og hubspot_default under Admin › Connections.", "Lägg till anslutningarna salesforce_default och hubspot_default under Admin › Connections."),
    "fresh_2": ("Check the mapping files in include/mappings.", "Kontroller mappingfilene i include/mappings.", "Kontrollera mappningsfilerna i include/mappings."),
    "fresh_3": ("Unpause the six step DAGs and sync_cycle, then trigger sync_cycle.", "Ta de seks trinn-DAG-ene og sync_cycle av pause, og start sync_cycle.", "Ta de sex steg-DAG:arna och sync_cycle ur paus och starta sync_cycle."),
    "open_cycle": ("Open sync_cycle in Airflow", "Åpne sync_cycle i Airflow", "Öppna sync_cycle i Airflow"),
    "unreachable": ("The ledger cannot be read", "Hovedboken kan ikke leses", "Huvudboken kan inte läsas"),
    "unreachable_do": ("Check the connection lockstep_store and that its database is running. Syncing and its records are not affected by this page.", "Kontroller tilkoblingen lockstep_store og at databasen kjører. Synkroniseringen påvirkes ikke av denne siden.", "Kontrollera anslutningen lockstep_store och att databasen är igång. Synkroniseringen påverkas inte av den här sidan."),
    "try_again": ("Try again", "Prøv igjen", "Försök igen"),
    "bad_query": ("This address holds filters that cannot be understood", "Adressen har filtre som ikke kan forstås", "Adressen har filter som inte går att förstå"),
    "no_batch": ("There is no batch {id}", "Det finnes ikke noe parti {id}", "Det finns inget parti {id}"),
    "no_batch_do": ("It may have been removed after its retention period.", "Det kan være fjernet etter oppbevaringstiden.", "Det kan ha tagits bort efter lagringstiden."),
    "no_page": ("There is no such page", "Siden finnes ikke", "Sidan finns inte"),
    "all_batches": ("All batches", "Alle partier", "Alla partier"),
    "not_ours": ("{dag_id} is not a sync step", "{dag_id} er ikke et synktrinn", "{dag_id} är inget synksteg"),
    "not_ours_do": ("This tab shows the batches of Lockstep's DAGs. This DAG writes none.", "Denne fanen viser partiene til Lockstep sine DAG-er. Denne DAG-en skriver ingen.", "Den här fliken visar partierna för Lockstep-DAG:ar. Den här DAG:en skriver inga."),
    "run_none": ("This run has no batches yet", "Denne kjøringen har ingen partier ennå", "Den här körningen har inga partier ännu"),
    "run_none_do": ("Batches appear when its first task asks a system. If the run has ended, see its task logs: it stopped before that.", "Partier vises når den første oppgaven spør et system. Er kjøringen avsluttet, se oppgaveloggene: den stoppet før det.", "Partier visas när den första uppgiften frågar ett system. Har körningen avslutats, se uppgiftsloggarna: den stannade innan dess."),
    "of_run": ("Run {run_id} of {dag_id}", "Kjøring {run_id} av {dag_id}", "Körning {run_id} av {dag_id}"),
    "of_task": ("Task {task_id} of run {run_id} of {dag_id}", "Oppgave {task_id} i kjøring {run_id} av {dag_id}", "Uppgift {task_id} i körning {run_id} av {dag_id}"),
    "whole_run": ("All batches of the task's run are shown.", "Alle partier i oppgavens kjøring vises.", "Alla partier i uppgiftens körning visas."),
    "show_run": ("Show the whole run", "Vis hele kjøringen", "Visa hela körningen"),
}  # fmt: skip

TEXTS = _PAGE | _FILTERS | _STATES
