"""An index for the replay's chat, built beside running writers on PostgreSQL."""

from typing import Any

from django.db import migrations, models
from django.db.migrations.state import ProjectState


class AddIndexBesideWriters(migrations.AddIndex):
    """Add an index, on PostgreSQL without holding up writers."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.add_index(model, self.index, concurrently=True)
        else:
            schema_editor.add_index(model, self.index)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0002_messages_answer_mention_and_are_hidden")]

    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(fields=["room", "created_at"], name="chat_message_moment"),
        ),
    ]
