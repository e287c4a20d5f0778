from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0001_questions_of_shows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="screen",
            index=models.Index(
                condition=models.Q(("item", ""), _negated=True),
                fields=["broadcast"],
                name="questions_screen_shows",
            ),
        ),
    ]
