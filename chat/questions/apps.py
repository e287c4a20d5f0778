from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "chat.questions"
    label = "questions"

    def ready(self) -> None:
        from broadcasts.signals import broadcast_ended
        from chat.questions.receivers import on_broadcast_ended

        broadcast_ended.connect(on_broadcast_ended, dispatch_uid="questions.finish_screen")
