# SPDX-License-Identifier: Apache-2.0
"""Does a JSON value have the shape that a JSON Schema tells of? As much of the language as
console/openapi uses, and one thing more: a member that no schema names is a complaint too, because
the description of an answer should be whole."""
import re

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
FORMATS = {"date-time": INSTANT, "date": DATE}
KNOWN = {"$ref", "type", "enum", "const", "format", "required", "properties",
         "additionalProperties", "items", "oneOf", "allOf", "description"}


def kind_of(value):
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    if isinstance(value, int):
        return "integer"
    return {float: "number", str: "string", list: "array", dict: "object"}[type(value)]


class Shapes:
    def __init__(self, document):
        self.schemas = document["components"]["schemas"]

    def named(self, schema):
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def members(self, schema):
        """All properties and all that are required, of a schema and what it is made of; None
        where any member may be."""
        schema = self.named(schema)
        properties, required = dict(schema.get("properties", {})), set(schema.get("required", []))
        if schema.get("type") == "object" and "properties" not in schema:
            return None, required
        for part in schema.get("allOf", []):
            of_part, needed = self.members(part)
            if of_part is None:
                return None, required
            properties.update(of_part)
            required |= needed
        return properties, required

    def complaints(self, value, schema, place="$"):
        schema = self.named(schema)
        unknown = schema.keys() - KNOWN
        assert not unknown, f"the schema at {place} says {unknown}, which is not understood here"
        if not schema:
            return []
        if "oneOf" in schema:
            found = [self.complaints(value, part, place) for part in schema["oneOf"]]
            fits = sum(not one for one in found)
            return [] if fits == 1 else [f"{place}: fits {fits} of {len(found)}: {found}"]
        found = self.of_scalar(value, schema, place)
        if not found and isinstance(value, list):
            for index, item in enumerate(value):
                found += self.complaints(item, schema.get("items", {}), f"{place}[{index}]")
        if not found and isinstance(value, dict):
            found += self.of_object(value, schema, place)
        return found

    @staticmethod
    def of_scalar(value, schema, place):
        kinds = schema.get("type")
        if kinds:
            kinds = kinds if isinstance(kinds, list) else [kinds]
            kind = kind_of(value)
            if kind not in kinds and not (kind == "integer" and "number" in kinds):
                return [f"{place}: is {kind}, not {kinds}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{place}: {value!r} is none of {schema['enum']}"]
        if "const" in schema and value != schema["const"]:
            return [f"{place}: {value!r} is not {schema['const']!r}"]
        wanted = FORMATS.get(schema.get("format"))
        if wanted and isinstance(value, str) and not wanted.match(value):
            return [f"{place}: {value!r} is no {schema['format']}"]
        return []

    def of_object(self, value, schema, place):
        properties, required = self.members(schema)
        others = schema.get("additionalProperties")
        found = [f"{place}: has no {name}" for name in sorted(required - value.keys())]
        for name, member in value.items():
            there = f"{place}.{name}"
            if properties and name in properties:
                found += self.complaints(member, properties[name], there)
            elif isinstance(others, dict):
                found += self.complaints(member, others, there)
            elif properties is not None:
                found.append(f"{there}: no schema names it")
        return found
