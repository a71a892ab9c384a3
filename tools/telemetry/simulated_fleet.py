"""What the simulator must know of sites and devices beyond what is installed: climate, mains, load, tests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.telemetry.fleet import Device, Fleet, Site
from tools.telemetry.laws import Laws


class SimulatedSite(Site):
    """A site with its weather and its grid."""

    mean_room_c: float
    season_swing_c: float = 0.0
    day_swing_c: float = 1.0
    phases: Literal[1, 3] = 3
    outages_per_month: float = 1.0
    brownouts_per_month: float = 0.0
    # A weak grid also has long outages, at least one in ten days.
    has_weak_grid: bool = False
    has_generator: bool = False

    def plain(self) -> Site:
        """The site as the database knows it."""
        return Site.model_validate(self.model_dump(include=set(Site.model_fields)))


class SimulatedDevice(Device):
    """A device with its load, its history, and how its make of cell behaves."""

    age_years: float
    load_share_of_c10: float = 0.08
    years_since_capacity_test: float | None = None
    laws: Laws = Laws()

    def plain(self) -> Device:
        """The device as the database knows it."""
        return Device.model_validate(self.model_dump(include=set(Device.model_fields)))


class SimulatedFleet(BaseModel):
    """All sites and devices of one simulation; every device has the same number of cells."""

    model_config = ConfigDict(frozen=True)

    sites: tuple[SimulatedSite, ...]
    devices: tuple[SimulatedDevice, ...]

    def plain(self) -> Fleet:
        """The fleet as the database knows it."""
        return Fleet(
            sites=tuple(site.plain() for site in self.sites),
            devices=tuple(device.plain() for device in self.devices),
        )

    def site_places(self) -> list[int]:
        """For each device the place of its site among the sites."""
        places = {site.site_id: place for place, site in enumerate(self.sites)}
        return [places[device.site_id] for device in self.devices]
