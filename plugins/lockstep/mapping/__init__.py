"""Mappings: what is kept in step with what, and by which rules. See docs/mappings.md for the files' own language."""

from lockstep.mapping.definition import (
    DeleteRule,
    FieldMapping,
    FieldType,
    Mapping,
    Mappings,
    MatchKey,
    Rule,
)
from lockstep.mapping.files import load
from lockstep.mapping.needed import hidden_fields
from lockstep.mapping.schema_check import check_against
from lockstep.yaml_files import Problem

__all__ = [
    "DeleteRule",
    "FieldMapping",
    "FieldType",
    "Mapping",
    "Mappings",
    "MatchKey",
    "Problem",
    "Rule",
    "check_against",
    "hidden_fields",
    "load",
]
