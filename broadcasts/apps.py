from django.apps import AppConfig


class BroadcastsConfig(AppConfig):
    name = "broadcasts"

    def ready(self) -> None:
        from accounts.signals import member_joined
        from broadcasts import provider_events, receivers
        from catalog.signals import stock_changed
        from media_pipeline.applying import register

        member_joined.connect(receivers.on_member_joined, dispatch_uid="broadcasts.open_channel")
        stock_changed.connect(receivers.on_stock_changed, dispatch_uid="broadcasts.stock_changed")
        register("IVS Stream State Change", provider_events.on_stream_state)
        register("IVS Stream Health Change", provider_events.on_stream_health)
        register("IVS Limit Breach", provider_events.on_limit_breach)
        register("IVS Recording State Change", provider_events.on_recording_state)
