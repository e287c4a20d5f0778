import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("broadcasts", "0004_channels_have_moderators"),
        ("catalog", "0008_lists_and_search_by_index"),
        ("report", "0001_how_shows_stood"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenerCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.PositiveIntegerField(default=0)),
                ("sketch", models.BinaryField(null=True)),
                (
                    "broadcast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opener_counts",
                        to="broadcasts.broadcast",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sketch__isnull", False)),
                        fields=["broadcast"],
                        name="report_openers_sketched",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("broadcast", "product"), name="report_opener_count_once")
                ],
            },
        ),
    ]
