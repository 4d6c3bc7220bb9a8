// SPDX-License-Identifier: Apache-2.0
// What in the directory keeps a reminder from reaching somebody. Addresses are masked or only said
// to be there: that is enough to see who has none.
import { objectsOf, textOf } from "@/change/json";
import type { JsonObject } from "@/change/json";

export interface Reach {
  id: string;
  name: string;
  unit: string;
  unit_name: string;
  mobile: string;
  dingtalk: boolean;
  zwdd: boolean;
  wecom: boolean;
  email: boolean;
}

export interface Fault {
  kind: string;
  severe: boolean;
  unit: string;
  person: string;
  id: string;
}

function unitFaults(root: JsonObject, people: Set<string>): Fault[] {
  const units = objectsOf(root.units);
  const ids = new Set(units.map((unit) => textOf(unit.id)));
  const faults: Fault[] = [];
  for (const unit of units) {
    const head = textOf(unit.head);
    const parent = textOf(unit.parent);
    const place = { unit: textOf(unit.id), person: "" };
    if (head === "") {
      faults.push({ ...place, kind: "no_head", severe: true, id: "" });
    } else if (!people.has(head)) {
      faults.push({ ...place, kind: "unknown_head", severe: true, id: head });
    }
    if (parent !== "" && !ids.has(parent)) {
      faults.push({ ...place, kind: "unknown_parent", severe: true, id: parent });
    }
  }
  return faults;
}

function personFault(person: Reach): Fault | null {
  const place = { unit: person.unit, person: person.id, id: person.id };
  const elsewhere = person.dingtalk || person.zwdd || person.wecom || person.email;
  if (person.mobile === "" && !elsewhere) {
    return { ...place, kind: "no_address", severe: true };
  }
  if (person.mobile === "") {
    return { ...place, kind: "no_phone", severe: false };
  }
  return person.dingtalk || person.zwdd ? null : { ...place, kind: "no_dingtalk", severe: false };
}

/** The severe ones first. */
export function faultsOf(root: JsonObject | null, people: Reach[]): Fault[] {
  if (!root) {
    return [];
  }
  const known = new Set(objectsOf(root.people).map((person) => textOf(person.id)));
  const all = unitFaults(root, known);
  for (const person of people) {
    const fault = personFault(person);
    if (fault) {
      all.push(fault);
    }
  }
  return all.filter((fault) => fault.severe).concat(all.filter((fault) => !fault.severe));
}
