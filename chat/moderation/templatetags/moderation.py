from django import template

from chat.moderation.spans import minutes_in_words, seconds_in_words

register = template.Library()
register.filter("minutes_in_words", minutes_in_words)
register.filter("seconds_in_words", seconds_in_words)
