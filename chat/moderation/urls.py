from django.urls import path

from chat.moderation import helping, menu, panel

urlpatterns = [
    path("live/<slug:code>/message-menu/", menu.message_menu, name="message_menu"),
    path("live/<slug:code>/report/", menu.report, name="report_message"),
    path("studio/helping/", helping.helping, name="helping"),
    path("studio/<slug:code>/moderation/", panel.moderation, name="moderation"),
    path("studio/<slug:code>/moderation/log/", panel.log, name="moderation_log"),
    path("studio/<slug:code>/moderation/message/", menu.judge_message, name="judge_message"),
    path("studio/<slug:code>/moderation/member/", menu.judge_member, name="judge_member"),
    path("studio/<slug:code>/moderation/room/", panel.set_room, name="moderation_room"),
    path("studio/<slug:code>/moderation/channel/", panel.set_channel, name="moderation_channel"),
    path("studio/<slug:code>/moderation/word/", panel.set_word, name="moderation_word"),
    path("studio/<slug:code>/moderation/reply/", panel.set_reply, name="moderation_reply"),
    path("studio/<slug:code>/moderation/moderator/", panel.set_moderator, name="moderation_moderator"),
]
