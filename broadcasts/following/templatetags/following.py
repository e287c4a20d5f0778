from typing import Any

from django import template

from broadcasts.following.button import button_context
from broadcasts.models import Channel

register = template.Library()


@register.inclusion_tag("broadcasts/following/_button.html", takes_context=True)
def follow_button(context: template.RequestContext, channel: Channel, back: str) -> dict[str, Any]:
    """Draw the button with which a page's reader follows the channel, and how many do; `back` is the page."""
    return button_context(context["request"], channel, back=back)
