"""Who asks, how far their role reaches, and which sites they may see."""

from typing import Literal

from tools.quantity import Frozen

Role = Literal["viewer", "operator", "engineer", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "engineer", "admin")
# Ids of the sites somebody sees; None is every site, an empty tuple none.
Scope = tuple[str, ...] | None


class Person(Frozen):
    """Someone who asks."""

    name: str
    role: Role
    sites: Scope = None

    def reaches(self, role: Role) -> bool:
        """Whether this person's role is that one or a higher."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def sees(self, site_id: str) -> bool:
        """Whether a site is in this person's scope."""
        return self.sites is None or site_id in self.sites


# On loopback without a sign-in, whoever reaches the port owns the machine.
LOCAL_PERSON = Person(name="local", role="admin")
