from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    name = "chat.questions"
    label = "questions"
