from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Undeliverable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(max_length=254, unique=True, verbose_name="이메일")),
                (
                    "reason",
                    models.CharField(
                        choices=[("bounced", "받을 수 없는 주소"), ("complained", "스팸으로 신고")],
                        max_length=10,
                        verbose_name="이유",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="날짜")),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
    ]
