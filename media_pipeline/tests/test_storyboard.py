from django.template import Context, Template

from media_pipeline.models import Asset


def test_the_seek_bars_pictures_lie_in_the_preview_folder(settings):
    settings.MEDIA_BASE_URL = "https://cdn.example.com/media"
    video = Asset(purpose="video", preview_key="previews/abc/attempt/")
    page = Template("{% load storyboard %}{{ video|storyboard_url }}").render(Context({"video": video}))
    assert page == "https://cdn.example.com/media/previews/abc/attempt/story."
