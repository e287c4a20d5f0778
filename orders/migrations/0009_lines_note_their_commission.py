from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_claims_have_parcels")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="commission_points",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
    ]
