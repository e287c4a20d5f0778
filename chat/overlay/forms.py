from django import forms

from chat.overlay.models import Overlay


class LookForm(forms.ModelForm):
    class Meta:
        model = Overlay
        fields = ["theme", "size", "shows_followers"]
