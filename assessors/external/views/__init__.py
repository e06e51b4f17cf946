"""Pages of visits: the external quality assurer's own, and those of the centre that lets them in."""

from assessors.external.views import at_centre, pack, visiting
from assessors.external.views.scope import bp

__all__ = ["at_centre", "bp", "pack", "visiting"]
