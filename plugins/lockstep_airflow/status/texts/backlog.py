"""Backlog (MK-13)."""

from lockstep_airflow.status.texts.kind import Text

TEXTS: dict[str, Text] = {
    "view.backlog": ("Backlog", "Restanse", "Eftersläpning"),
    "records_wait": ("{n} records wait", "{n} poster venter", "{n} poster väntar"),
    "records_wait.one": ("1 record waits", "1 post venter", "1 post väntar"),
    "growing_n": ("{n} growing", "{n} vokser", "{n} växer"),
    "sampled_at": ("Measured", "Målt", "Uppmätt"),
    "sampled_next": ("Measured again at the end of each cycle's push.", "Måles igjen når hver syklus har skrevet.", "Mäts igen när varje cykel har skrivit."),
    "never_sampled": ("Nothing was measured yet", "Ingenting er målt ennå", "Inget har mätts ännu"),
    "never_sampled_do": ("What waits is measured at the end of each scheduled push_updates.", "Det som venter måles på slutten av hver planlagte push_updates.", "Det som väntar mäts i slutet av varje schemalagd push_updates."),
    "waiting": ("Backlog", "Venter", "Väntar"),
    "backlog_status": ("Backlog status", "Status", "Status"),
    "growing": ("Growing", "Vokser", "Växer"),
    "normal": ("Normal", "Normal", "Normal"),
    "unmeasured": ("not measured", "ikke målt", "inte uppmätt"),
    "to_done": ("Estimated time", "Anslått tid", "Beräknad tid"),
    "no_rate": ("unknown: nothing was written in 24 hours", "ukjent: ingenting er skrevet på 24 timer", "okänt: inget har skrivits på 24 timmar"),
    "minutes": ("{n} minutes", "{n} minutter", "{n} minuter"),
    "minutes.one": ("1 minute", "1 minutt", "1 minut"),
    "hours": ("{n} hours", "{n} timer", "{n} timmar"),
    "days": ("{n} days", "{n} dager", "{n} dagar"),
    "days.one": ("1 day", "1 dag", "1 dag"),
    "rate_max": ("Max per hour", "Maks per time", "Max per timme"),
    "rate_min": ("Min per hour", "Min per time", "Min per timme"),
    "rate_avg": ("Avg per hour", "Snitt per time", "Snitt per timme"),
    "trend_5d": ("Last 5 days", "Siste 5 dager", "Senaste 5 dagarna"),
    "backlog_trend": ("Backlog of 5 days: most {most} in the four hours from {at} UTC, now {last}", "Restanse i 5 dager: mest {most} i de fire timene fra {at} UTC, nå {last}", "Eftersläpning under 5 dagar: mest {most} i de fyra timmarna från {at} UTC, nu {last}"),
    "backlog_explained": ("Backlog: records that were changed and are not written yet. Per hour: records written over 24 hours. Estimated time: backlog divided by the average per hour. Growing: more than six hours before.", "Venter: poster som er endret og ikke skrevet ennå. Per time: poster skrevet de siste 24 timene. Anslått tid: det som venter delt på snittet per time. Vokser: mer enn seks timer før.", "Väntar: poster som har ändrats men inte skrivits ännu. Per timme: poster skrivna de senaste 24 timmarna. Beräknad tid: det som väntar delat med snittet per timme. Växer: mer än sex timmar tidigare."),
}  # fmt: skip
