from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media_pipeline", "0002_assets_and_transcodes"),
    ]

    operations = [
        migrations.AddField(
            model_name="providerevent",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
