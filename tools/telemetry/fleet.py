"""Sites and devices: what is installed where."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class Site(BaseModel):
    """A place with one or more strings."""

    model_config = ConfigDict(frozen=True)

    site_id: str = Field(max_length=16)
    name: str
    region: str | None = None
    address: str | None = None
    climate: str | None = Field(None, description="For example 'outdoor cabinet, mild and wet'")
    latitude_deg: float | None = Field(None, ge=-90, le=90)
    longitude_deg: float | None = Field(None, ge=-180, le=180)
    time_zone: str = Field("UTC", description="IANA name, for charts of the site")
    autonomy_min: float | None = Field(None, description="Back-up time the site is designed for, minutes")


class Device(BaseModel):
    """A battery monitor on one series string of 2 V cells."""

    model_config = ConfigDict(frozen=True)

    device_id: str = Field(max_length=16)
    site_id: str = Field(max_length=16)
    name: str
    battery_model: str | None = None
    cell_count: int = Field(ge=1, le=240)
    rated_capacity_ah: float | None = Field(None, gt=0, le=3000)
    install_date: date | None = None
    poll_interval_s: int = Field(900, gt=0, description="How often the monitor stores a row, seconds")
    resistance_baseline_mohm: float | None = Field(None, description="Mean cell ohmic value at commissioning, mΩ")
    joint_baseline_mohm: float | None = Field(None, description="Connection resistance when installed, mΩ")


class Fleet(BaseModel):
    """Everything that is installed, in the order of the keys."""

    model_config = ConfigDict(frozen=True)

    sites: tuple[Site, ...] = ()
    devices: tuple[Device, ...] = ()
