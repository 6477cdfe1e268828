"""Does the first validator (fhir.resources, pydantic, R4B) accept every Bundle of a folder?

    python validate.py FOLDER     every plan.fhir.json under FOLDER, to any depth

Exit code 1 and one line a fault when one is refused, or when there is nothing to look at.
"""

import json
import pathlib
import sys

from fhir.resources.R4B import get_fhir_model_class


def faults(bundle):
    """Faults of the Bundle as a whole, then of each resource for itself, so that each is named by its place."""
    resources = [("Bundle", bundle)]
    for at, entry in enumerate(bundle.get("entry", [])):
        resource = entry["resource"]
        resources.append((f"entry[{at}] {resource['resourceType']}", resource))
    for place, resource in resources:
        try:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        except ValueError as fault:
            yield f"{place}: {fault}"


def main(folder):
    files = sorted(pathlib.Path(folder).rglob("plan.fhir.json"))
    found = [f"{file}: {fault}" for file in files for fault in faults(json.loads(file.read_text()))]
    print("\n".join(found))
    print(f"fhir.resources: {len(files)} Bundles, {len(found)} faults")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
