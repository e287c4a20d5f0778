from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clips", "0001_clips_of_replays"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="clip",
            index=models.Index(
                condition=models.Q(("status", "waiting")), fields=["created_at"], name="clips_waiting"
            ),
        ),
        migrations.CreateModel(
            name="LooseFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, unique=True)),
                ("delete_after", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
