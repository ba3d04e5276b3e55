"""Write what is made from the code: config/schema.json and the key table of config/README.md."""

from pathlib import Path

from giaflow.config.documentation import schema_text, with_key_table
from giaflow.io.files import write_text

CONFIG = Path(__file__).resolve().parents[2] / "config"

if __name__ == "__main__":
    write_text(schema_text(), CONFIG / "schema.json")
    readme = CONFIG / "README.md"
    write_text(with_key_table(readme.read_text()), readme)
