"""Before any of its modules: the compiled ones are taken where there are any."""

from sensor_hub.compiled import loader

loader.use()
