from django import template

from media_pipeline.models import Asset
from media_pipeline.stores import media_url

register = template.Library()


@register.filter
def storyboard_url(asset: Asset) -> str:
    """Where the seek bar's pictures lie: their number, of seven digits, and ".jpg" follow."""
    return media_url(f"{asset.preview_key}story.")
