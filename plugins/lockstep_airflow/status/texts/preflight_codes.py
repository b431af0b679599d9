"""Meanings and remedies of preflight's codes (GA-E01 to GA-E18): the registry's English -> (Norwegian bokmål, Swedish)."""

PREFLIGHT: dict[str, tuple[str, str]] = {
    "Salesforce cannot be reached with this login: permissions changed, or a passing error of Salesforce.": (
        "Salesforce kan ikke nås med denne påloggingen: tilganger er endret, eller Salesforce har en forbigående feil.",
        "Salesforce kan inte nås med den här inloggningen: behörigheter har ändrats, eller Salesforce har ett tillfälligt fel.",
    ),
    "Log in to Salesforce as the integration user, or give Salesforce's words to its administrator.": (
        "Logg inn i Salesforce som integrasjonsbrukeren, eller gi Salesforces ord til administratoren.",
        "Logga in i Salesforce som integrationsanvändaren, eller ge Salesforces ord till administratören.",
    ),
    "The Google Ads API failed while the link was checked.": (
        "Google Ads API feilet da koblingen ble kontrollert.",
        "Google Ads API misslyckades när länken kontrollerades.",
    ),
    "Nothing at first: it is checked again. If it stays, run preflight with *Relink*.": (
        "Ingenting i første omgang: det kontrolleres på nytt. Blir det stående, kjør preflight med *Relink*.",
        "Ingenting till att börja med: det kontrolleras igen. Om det består, kör preflight med *Relink*.",
    ),
    "This Salesforce organisation is linked to this Google Ads account more than once: milestones could be counted twice.": (
        "Denne Salesforce-organisasjonen er koblet til denne Google Ads-kontoen mer enn én gang: milepæler kan bli talt to ganger.",
        "Den här Salesforce-organisationen är länkad till det här Google Ads-kontot mer än en gång: milstolpar kan räknas två gånger.",
    ),
    "Name one account for a milestone in conversions.yaml; accounts under one manager that tracks for all are one place.": (
        "Oppgi én konto for en milepæl i conversions.yaml; kontoer under én administrator som sporer for alle, er ett sted.",
        "Ange ett konto för en milstolpe i conversions.yaml; konton under en förvaltare som spårar för alla är ett ställe.",
    ),
    "Salesforce refuses the login.": ("Salesforce avviser påloggingen.", "Salesforce avvisar inloggningen."),
    "Ask the Salesforce administrator; renew the credentials in the Airflow connection.": (
        "Spør Salesforce-administratoren; forny påloggingen i Airflow-tilkoblingen.",
        "Fråga Salesforce-administratören; förnya inloggningen i Airflow-anslutningen.",
    ),
    "No Salesforce organisation is linked, so there is nothing to import.": (
        "Ingen Salesforce-organisasjon er koblet til, så det er ingenting å importere.",
        "Ingen Salesforce-organisation är länkad, så det finns inget att importera.",
    ),
    "Add the Airflow connection `salesforce_default`.": (
        "Legg til Airflow-tilkoblingen `salesforce_default`.",
        "Lägg till Airflow-anslutningen `salesforce_default`.",
    ),
    "Salesforce shows no lead status and no opportunity stage that could be imported.": (
        "Salesforce viser ingen leadstatus og ingen salgsfase som kan importeres.",
        "Salesforce visar ingen leadstatus och ingen säljfas som kan importeras.",
    ),
    "Set up lead statuses or opportunity stages, and let the integration user read them.": (
        "Sett opp leadstatuser eller salgsfaser, og la integrasjonsbrukeren lese dem.",
        "Lägg upp leadstatusar eller säljfaser, och låt integrationsanvändaren läsa dem.",
    ),
    "The link is gone: an Airflow connection was removed, but conversions.yaml still has milestones.": (
        "Koblingen er borte: en Airflow-tilkobling er fjernet, men conversions.yaml har fortsatt milepæler.",
        "Länken är borta: en Airflow-anslutning har tagits bort, men conversions.yaml har fortfarande milstolpar.",
    ),
    "Add the connection again, or take the milestones out of conversions.yaml.": (
        "Legg til tilkoblingen igjen, eller ta milepælene ut av conversions.yaml.",
        "Lägg till anslutningen igen, eller ta ut milstolparna ur conversions.yaml.",
    ),
    "Salesforce no longer accepts the login that worked before.": (
        "Salesforce godtar ikke lenger påloggingen som virket før.",
        "Salesforce godtar inte längre inloggningen som fungerade förut.",
    ),
    "Ask the Salesforce administrator to restore access, or renew the credentials in the Airflow connection.": (
        "Be Salesforce-administratoren gi tilgangen tilbake, eller forny påloggingen i Airflow-tilkoblingen.",
        "Be Salesforce-administratören återställa åtkomsten, eller förnya inloggningen i Airflow-anslutningen.",
    ),
    "A manager account tracks the conversions of this account; they are sent to the manager.": (
        "En administratorkonto sporer konverteringene for denne kontoen; de sendes til administratoren.",
        "Ett förvaltarkonto spårar konverteringarna för det här kontot; de skickas till förvaltaren.",
    ),
    "Name conversion actions of the manager, and give the Google user access to it (`login_customer_id`).": (
        "Oppgi konverteringshandlinger fra administratorkontoen, og gi Google-brukeren tilgang til den (`login_customer_id`).",
        "Ange konverteringsåtgärder från förvaltarkontot, och ge Google-användaren åtkomst till det (`login_customer_id`).",
    ),
    "The accounts are linked, but no conversion action is set up; nothing is imported.": (
        "Kontoene er koblet, men ingen konverteringshandling er satt opp; ingenting importeres.",
        "Kontona är länkade, men ingen konverteringsåtgärd är inställd; inget importeras.",
    ),
    "Create a conversion action in Google Ads, and name it for a milestone in conversions.yaml.": (
        "Opprett en konverteringshandling i Google Ads, og oppgi den for en milepæl i conversions.yaml.",
        "Skapa en konverteringsåtgärd i Google Ads, och ange den för en milstolpe i conversions.yaml.",
    ),
    "Fields that leads are read with are missing, or hidden from the integration user.": (
        "Felter som leads leses med, mangler eller er skjult for integrasjonsbrukeren.",
        "Fält som leads läses med saknas, eller är dolda för integrationsanvändaren.",
    ),
    "Grant read permission on all fields that the message names (see the permission set).": (
        "Gi lesetilgang til alle felter som meldingen nevner (se tillatelsessettet).",
        "Ge läsbehörighet till alla fält som meddelandet nämner (se behörighetsuppsättningen).",
    ),
    "Fields that opportunities are read with are missing, or hidden from the integration user.": (
        "Felter som salgsmuligheter leses med, mangler eller er skjult for integrasjonsbrukeren.",
        "Fält som affärsmöjligheter läses med saknas, eller är dolda för integrationsanvändaren.",
    ),
    "Leads have no GCLID field of the name that conversions.yaml says, or it is hidden from the integration user.": (
        "Leads har ikke noe GCLID-felt med navnet i conversions.yaml, eller det er skjult for integrasjonsbrukeren.",
        "Leads har inget GCLID-fält med namnet i conversions.yaml, eller så är det dolt för integrationsanvändaren.",
    ),
    "Make the field on Lead and grant read permission, or correct `identifiers` in conversions.yaml.": (
        "Lag feltet på Lead og gi lesetilgang, eller rett `identifiers` i conversions.yaml.",
        "Skapa fältet på Lead och ge läsbehörighet, eller rätta `identifiers` i conversions.yaml.",
    ),
    "Opportunities have no GCLID field of the name that conversions.yaml says, or it is hidden from the integration user.": (
        "Salgsmuligheter har ikke noe GCLID-felt med navnet i conversions.yaml, eller det er skjult for integrasjonsbrukeren.",
        "Affärsmöjligheter har inget GCLID-fält med namnet i conversions.yaml, eller så är det dolt för integrationsanvändaren.",
    ),
    "Make the field on Opportunity and map it in Map Lead Fields, grant read permission, or correct `identifiers`.": (
        "Lag feltet på Opportunity og koble det i Map Lead Fields, gi lesetilgang, eller rett `identifiers`.",
        "Skapa fältet på Opportunity och koppla det i Map Lead Fields, ge läsbehörighet, eller rätta `identifiers`.",
    ),
    "Fields of several objects are missing, or hidden from the integration user.": (
        "Felter på flere objekter mangler eller er skjult for integrasjonsbrukeren.",
        "Fält på flera objekt saknas, eller är dolda för integrationsanvändaren.",
    ),
    "The last import of milestones failed; Salesforce's own words are in the message.": (
        "Siste import av milepæler feilet; Salesforces egne ord står i meldingen.",
        "Den senaste importen av milstolpar misslyckades; Salesforces egna ord står i meddelandet.",
    ),
    "Mend it in Salesforce; the next run imports what is missing.": (
        "Rett det i Salesforce; neste kjøring importerer det som mangler.",
        "Rätta det i Salesforce; nästa körning importerar det som saknas.",
    ),
    "The milestone is not imported, because its conversion action was removed or does not exist.": (
        "Milepælen importeres ikke, fordi konverteringshandlingen er fjernet eller ikke finnes.",
        "Milstolpen importeras inte, eftersom konverteringsåtgärden har tagits bort eller inte finns.",
    ),
    "Enable the conversion action in Google Ads, or name another one in conversions.yaml.": (
        "Slå på konverteringshandlingen i Google Ads, eller oppgi en annen i conversions.yaml.",
        "Aktivera konverteringsåtgärden i Google Ads, eller ange en annan i conversions.yaml.",
    ),
    "The milestone is not imported, because its status or stage was deleted; one that was only taken out of a sales process, or is inactive, still counts.": (
        "Milepælen importeres ikke, fordi statusen eller fasen er slettet; en som bare er tatt ut av en salgsprosess eller er inaktiv, teller fortsatt.",
        "Milstolpen importeras inte, eftersom statusen eller fasen har raderats; en som bara har tagits ur en säljprocess eller är inaktiv räknas fortfarande.",
    ),
    "Ask the Salesforce administrator, and correct conversions.yaml.": (
        "Spør Salesforce-administratoren, og rett conversions.yaml.",
        "Fråga Salesforce-administratören, och rätta conversions.yaml.",
    ),
    "Auto-tagging is off: new clicks bring no GCLID, so their conversions cannot be found.": (
        "Automatisk merking er av: nye klikk har ingen GCLID, så konverteringene deres kan ikke finnes.",
        "Automatisk taggning är av: nya klick har inget GCLID, så deras konverteringar kan inte hittas.",
    ),
    "Turn it on in Google Ads: Admin > Account settings > Auto-tagging.": (
        "Slå det på i Google Ads: Administrator > Kontoinnstillinger > Automatisk merking.",
        "Slå på det i Google Ads: Administratör > Kontoinställningar > Automatisk taggning.",
    ),
    "Salesforce keeps no history of the lead status: statuses that leads pass through are not seen.": (
        "Salesforce lagrer ingen historikk for leadstatus: statuser som leads går gjennom, blir ikke sett.",
        "Salesforce sparar ingen historik för leadstatus: statusar som leads passerar syns inte.",
    ),
    "Object Manager > Lead > Fields > Set History Tracking: Lead Status.": (
        "Object Manager > Lead > Fields > Set History Tracking: Lead Status.",
        "Object Manager > Lead > Fields > Set History Tracking: Lead Status.",
    ),
}
