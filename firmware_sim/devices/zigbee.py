"""Zigbee devices as Zigbee2MQTT describes them: what each metric is called and how it is written, and real models."""

from __future__ import annotations

from dataclasses import dataclass

from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value


@dataclass(frozen=True, slots=True)
class Expose:
    """An entry of `definition.exposes`: how a device's property is called and written."""

    property: str
    type: str
    description: str
    unit: str = ""
    on: bool = True
    """The value that a binary property has for 1; its opposite stands for 0."""
    per_unit: float = 1.0
    """How many of the property's units are one of the metric's."""
    values: tuple[str, ...] = ()
    """Of an enumeration."""
    is_diagnostic: bool = False

    def write(self, value: Value) -> bool | float | str:
        """A metric's value as the property's."""
        if isinstance(value, str):
            return value
        if self.type == "binary":
            return self.on if value else not self.on
        scaled = round(value * self.per_unit, 3)
        return int(scaled) if scaled == int(scaled) else scaled

    def table(self) -> dict[str, object]:
        """The entry as JSON has it. `access` 1: the device publishes it and takes no command."""
        row: dict[str, object] = {
            "access": 1,
            "description": self.description,
            "label": self.property.replace("_", " ").capitalize(),
            "name": self.property,
            "property": self.property,
            "type": self.type,
        }
        if self.unit:
            row["unit"] = self.unit
        if self.type == "binary":
            row |= {"value_on": self.on, "value_off": not self.on}
        if self.values:
            row["values"] = list(self.values)
        if self.is_diagnostic:
            row["category"] = "diagnostic"
        return row


EXPOSES: dict[Metric, Expose] = {
    Metric.MOTION: Expose("occupancy", "binary", "Indicates whether the device detected occupancy"),
    Metric.PRESENCE: Expose("presence", "binary", "Indicates whether the device detected presence"),
    Metric.CONTACT: Expose(
        "contact", "binary", "Indicates if the contact is closed (= true) or open (= false)", on=False
    ),
    Metric.SMOKE: Expose("smoke", "binary", "Indicates whether the device detected smoke"),
    Metric.WATER_LEAK: Expose("water_leak", "binary", "Indicates whether the device detected a water leak"),
    Metric.VIBRATION: Expose("vibration", "binary", "Indicates whether the device detected vibration"),
    Metric.SOS: Expose("sos", "binary", "SOS alarm"),
    Metric.BUTTON: Expose(
        "action", "enum", "Triggered action (e.g. a button click)", values=("single", "double", "hold")
    ),
    Metric.TEMPERATURE: Expose("temperature", "numeric", "Measured temperature value", "°C"),
    Metric.HUMIDITY: Expose("humidity", "numeric", "Measured relative humidity", "%"),
    Metric.ILLUMINANCE: Expose("illuminance", "numeric", "Measured illuminance", "lx"),
    Metric.CO2: Expose("co2", "numeric", "Measured value", "ppm"),
    Metric.NOISE: Expose("noise", "numeric", "The measured noise value", "dBA"),
    Metric.POWER: Expose("power", "numeric", "Instantaneous measured power", "W"),
    Metric.BATTERY: Expose("battery", "numeric", "Remaining battery in %", "%", is_diagnostic=True),
    Metric.BATTERY_VOLTAGE: Expose(
        "voltage", "numeric", "Voltage of the battery in millivolts", "mV", per_unit=1000.0, is_diagnostic=True
    ),
    Metric.LINK_QUALITY: Expose("linkquality", "numeric", "Link quality (signal strength)", "lqi", is_diagnostic=True),
}


@dataclass(frozen=True, slots=True)
class ZigbeeModel:
    """A product by its main metric."""

    metric: Metric
    vendor: str
    model: str
    model_id: str
    description: str
    manufacturer: str


MODELS: tuple[ZigbeeModel, ...] = (
    ZigbeeModel(Metric.MOTION, "Aqara", "RTCGQ11LM", "lumi.sensor_motion.aq2", "Motion sensor", "LUMI"),
    ZigbeeModel(Metric.CONTACT, "Aqara", "MCCGQ11LM", "lumi.sensor_magnet.aq2", "Door and window sensor", "LUMI"),
    ZigbeeModel(Metric.PRESENCE, "Aqara", "RTCZCGQ11LM", "lumi.motion.ac01", "Presence sensor", "aqara"),
    ZigbeeModel(Metric.SMOKE, "HEIMAN", "HS1SA", "SmokeSensor-EM", "Smoke detector", "HEIMAN"),
    ZigbeeModel(Metric.WATER_LEAK, "Aqara", "SJCGQ11LM", "lumi.sensor_wleak.aq1", "Water leak sensor", "LUMI"),
    ZigbeeModel(Metric.VIBRATION, "Aqara", "DJT11LM", "lumi.vibration.aq1", "Vibration sensor", "LUMI"),
    ZigbeeModel(Metric.SOS, "HEIMAN", "HS2SS", "SceneSwitch-EM-3.0", "SOS button", "HEIMAN"),
    ZigbeeModel(Metric.BUTTON, "SONOFF", "SNZB-01", "WB01", "Wireless button", "eWeLink"),
    ZigbeeModel(Metric.TEMPERATURE, "Aqara", "WSDCGQ11LM", "lumi.weather", "Temperature and humidity sensor", "LUMI"),
)
OTHER = ZigbeeModel(Metric.POWER, "Custom devices (DiY)", "ptvo.switch", "ptvo.switch", "Multi-sensor", "ptvo.info")


def model_of(device: Device) -> ZigbeeModel:
    """The product that best passes for the device."""
    return next((model for model in MODELS if model.metric in device.metrics), OTHER)


def definition(device: Device) -> dict[str, object]:
    """`definition` of the device in `bridge/devices`."""
    model = model_of(device)
    metrics = sorted((device.metrics & EXPOSES.keys()) | {Metric.LINK_QUALITY}, key=list(EXPOSES).index)
    return {
        "description": model.description,
        "exposes": [EXPOSES[metric].table() for metric in metrics],
        "model": model.model,
        "options": [],
        "source": "native",
        "supports_ota": False,
        "vendor": model.vendor,
    }
