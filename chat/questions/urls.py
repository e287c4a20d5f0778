from django.urls import path

from chat.questions import answering, queue, views

urlpatterns = [
    path("live/<slug:code>/questions/", views.questions, name="questions"),
    path("live/<slug:code>/questions/ask/", views.ask, name="ask"),
    path("live/<slug:code>/questions/<slug:question>/second/", views.second, name="second"),
    path("live/<slug:code>/questions/<slug:question>/unsecond/", views.unsecond, name="unsecond"),
    path("studio/questions/", answering.studio_questions, name="studio_questions"),
    path("studio/questions/<slug:question>/answer/", answering.answer, name="answer_question"),
    path("studio/<slug:code>/questions/", queue.questions_queue, name="questions_queue"),
    path("studio/<slug:code>/questions/clear/", queue.clear_screen, name="clear_screen"),
    path("studio/<slug:code>/questions/<slug:question>/merge/", queue.merge_question, name="merge_question"),
    path(
        "studio/<slug:code>/questions/<slug:question>/<slug:verb>/", queue.move_question, name="move_question"
    ),
    path("products/<slug:product>/questions/", answering.product_questions, name="product_questions"),
]
