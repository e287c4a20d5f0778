from common.checks import check_providers


def test_a_working_setup_has_nothing_to_say():
    assert check_providers(None) == []


def test_a_half_set_up_provider_is_named(settings):
    settings.PLAYBACK_COOKIES = {"default": {"BACKEND": "access.cookies.cloudfront.CloudFrontCookies"}}
    settings.IVS_PLAYBACK_PRIVATE_KEY = "nonsense"
    settings.LIVE_STREAMING = {"default": {"BACKEND": "broadcasts.streaming.ivs.IvsStreaming"}}
    said = {error.obj: error.msg for error in check_providers(None)}
    assert "CLOUDFRONT_KEY_PAIR_ID" in said["PLAYBACK_COOKIES"]
    assert "IVS_PLAYBACK_PRIVATE_KEY" in said["LIVE_STREAMING"]
    assert "nonsense" not in "".join(said.values())
