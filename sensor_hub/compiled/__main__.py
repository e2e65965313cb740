"""`python -m sensor_hub.compiled` says whether the compiled engine runs, and if not, why."""

from sensor_hub.compiled.loader import FOLDER, why_pure

why = why_pure()
print(f"engine: pure Python ({why})" if why else f"engine: compiled ({FOLDER})")
