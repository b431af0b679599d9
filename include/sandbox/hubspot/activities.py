"""Activities, which HubSpot's older pages call engagements: tasks, notes, calls, e-mails, meetings, communications.

Sources: the pages of the CRM API for each of them (properties, options, required `hs_timestamp`) and its page of object
type ids.
"""

from __future__ import annotations

from sandbox.hubspot import options as lists
from sandbox.hubspot.catalogue import Property
from sandbox.hubspot.object_type import ObjectType, choice, fixed, number, stamped, text


def activity(id: str, plural: str, singular: str, primary_display: str) -> ObjectType:
    defaults = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    required = (("hs_timestamp",),)
    return ObjectType(
        id, plural, singular, "hs_lastmodifieddate", "hs_createdate", defaults, required, singular, primary_display,
        mergeable=False, searchable=(primary_display,),
    )  # fmt: skip


ACTIVITIES = (
    activity("0-27", "tasks", "task", "hs_task_subject"),
    activity("0-46", "notes", "note", "hs_note_body"),
    activity("0-48", "calls", "call", "hs_call_title"),
    activity("0-49", "emails", "email", "hs_email_subject"),
    activity("0-47", "meetings", "meeting", "hs_meeting_title"),
    activity("0-18", "communications", "communication", "hs_communication_body"),
)


def dated(label: str = "Activity date") -> list[Property]:
    return [
        *stamped("hs_createdate", "hs_lastmodifieddate"),
        Property("hs_timestamp", label, "datetime", "date"),
        text("hs_attachment_ids", "Attached file IDs"),
        fixed("hs_engagement_source", "Engagement Source"),
    ]


ACTIVITY_PROPERTIES: dict[str, list[Property]] = {
    "tasks": [
        *dated("Due date"),
        text("hs_task_subject", "Task Title"),
        text("hs_task_body", "Notes", "html"),
        choice("hs_task_status", "Task Status", lists.TASK_STATUS),
        choice("hs_task_priority", "Priority", lists.TASK_PRIORITY),
        choice("hs_task_type", "Task Type", lists.TASK_TYPE),
        text("hs_task_reminders", "Reminders"),
        fixed("hs_task_completion_date", "Completed at", "datetime"),
        fixed("hs_task_is_completed", "Is completed", "number"),
    ],
    "notes": [*dated(), text("hs_note_body", "Note body", "html")],
    "calls": [
        *dated(),
        text("hs_call_title", "Call Title"),
        text("hs_call_body", "Call notes", "html"),
        choice("hs_call_direction", "Call direction", lists.CALL_DIRECTION),
        choice("hs_call_status", "Call status", lists.CALL_STATUS),
        choice("hs_call_disposition", "Call outcome", lists.CALL_DISPOSITION),
        number("hs_call_duration", "Call duration"),
        text("hs_call_from_number", "From number"),
        text("hs_call_to_number", "To number"),
        text("hs_call_recording_url", "Recording URL"),
        text("hs_activity_type", "Call and meeting type"),
    ],
    "emails": [
        *dated(),
        text("hs_email_subject", "Email subject"),
        text("hs_email_text", "Email body", "textarea"),
        text("hs_email_html", "Email HTML", "html"),
        text("hs_email_headers", "Email headers", "textarea"),
        choice("hs_email_direction", "Email direction", lists.EMAIL_DIRECTION),
        choice("hs_email_status", "Email send status", lists.EMAIL_STATUS),
        fixed("hs_email_from_email", "Email from address"),
        fixed("hs_email_to_email", "Email to address"),
    ],
    "meetings": [
        *dated(),
        text("hs_meeting_title", "Meeting name"),
        text("hs_meeting_body", "Meeting description", "html"),
        text("hs_internal_meeting_notes", "Internal meeting notes", "html"),
        text("hs_meeting_external_url", "External URL"),
        text("hs_meeting_location", "Meeting location"),
        Property("hs_meeting_start_time", "Meeting start time", "datetime", "date"),
        Property("hs_meeting_end_time", "Meeting end time", "datetime", "date"),
        choice("hs_meeting_outcome", "Meeting outcome", lists.MEETING_OUTCOME),
        text("hs_activity_type", "Call and meeting type"),
    ],
    "communications": [
        *dated(),
        text("hs_communication_body", "Communication body", "html"),
        choice("hs_communication_channel_type", "Channel type", lists.CHANNEL_TYPE),
        choice("hs_communication_logged_from", "Logged from", lists.LOGGED_FROM),
    ],
}
