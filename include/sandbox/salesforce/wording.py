"""Sentences of error answers that are ours: Salesforce documents the code, or that there is an error, and no more.

Texts that stand elsewhere in this package are those that Salesforce's pages or its users quote. The setting `error_texts`
replaces one of these by its name.
"""

TEXTS: dict[str, str] = {
    # log in
    "soap_version": "SOAP API login() is not available in this API version.",
    "login_rate": "login rate exceeded",
    # requests
    "content_type": "Content-Type {kind} is not supported: the sandbox takes application/json",
    "body_object": "The HTTP entity body is required to be a JSON object.",
    "all_or_none": "allOrNone must be true or false",
    "auto_assign": "Sforce-Auto-Assign is TRUE, FALSE or the id of an assignment rule: {value}",
    # Composite
    "subrequests": "compositeRequest: a list of subrequests is required",
    "subrequest_limit": "The limit for composite subrequests is: {most}",
    "heavy_limit": "No more than {most} subrequests can be query or sObject Collections operations",
    "reference_ids": "Each subrequest needs a unique referenceId of letters, digits and underscores",
    "subrequest_url": "not a REST resource: {url}",
    "graphs": "graphs: a list of graphs is required",
    "graph_ids": "Each graph needs a unique graphId of letters, digits and underscores",
    "graph_limit": "A request may have {graphs} graphs and {nodes} nodes",
    "graph_url": "Only sObject rows can be nodes of a graph: {url}",
    # Collections
    "records": "records: a list of sObjects is required",
    "no_records": "at least one record is required",
    "record_type": "The type attribute of the record is missing",
    "ids_and_fields": "ids and fields are required",
    # Bulk API 2.0
    "other_version": "The API version {asked} does not match the version of the job, {made}",
    "max_records": "maxRecords must be a positive number: {value}",
    # replication
    "not_replicateable": "entity type {name} is not replicateable",
    "too_many_ids": "more than {most} records match",
    "missing_parameter": "Missing parameter: {name}",
    "bad_date": "Invalid date: {value}",
}
