from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_checkouts_keep_their_coupon")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="carrier",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="claim",
            name="tracking_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="반품 운송장 번호"
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="sent_back_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
