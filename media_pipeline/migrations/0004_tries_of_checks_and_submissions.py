from django.db import migrations, models


class Migration(migrations.Migration):
    """The database knows the defaults too: processes of the version before go on adding rows meanwhile."""

    dependencies = [
        ("media_pipeline", "0003_event_retry_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="check_tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="transcodeattempt",
            name="submit_tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
