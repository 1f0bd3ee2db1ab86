"""schema.py SCHEMA FILE...: says of each TOML file what the JSON Schema refuses in it: one line a file, `ok` or the first error.

Fails where the schema itself is not valid. Needs python3-jsonschema.
"""

import json
import sys
import tomllib

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
validator = Draft7Validator(schema)
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        error = best_match(validator.iter_errors(tomllib.load(file)))
    print("ok" if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message}".replace("\n", " "))
