"""Writes the manifest of the exported model beside it."""

import argparse
import hashlib
import json
from pathlib import Path

from frames import HEIGHT, WIDTH
from model import CLASSES

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threshold", type=float, required=True, help="the best F1 on held-out renders")
    options = parser.parse_args()
    file = Path(options.model)
    held = file.read_bytes()
    manifest = {
        "name": file.stem,
        "file": file.name,
        "sha256": hashlib.sha256(held).hexdigest(),
        "bytes": len(held),
        "input": {"width": WIDTH, "height": HEIGHT},
        "head": "yolox-raw",
        "classes": list(CLASSES),
        "scoreThreshold": options.threshold,
        "license": "the project's own: trained from scratch on the project's own renders",
    }
    file.with_name("manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
