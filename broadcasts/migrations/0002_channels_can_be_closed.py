from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("broadcasts", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="state",
            field=models.CharField(
                choices=[
                    ("preparing", "준비 중"),
                    ("ready", "사용 가능"),
                    ("closing", "닫는 중"),
                    ("closed", "닫힘"),
                ],
                default="preparing",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="channel",
            index=models.Index(
                condition=models.Q(("state", "closing")),
                fields=["created_at"],
                name="broadcasts_channel_closing",
            ),
        ),
    ]
