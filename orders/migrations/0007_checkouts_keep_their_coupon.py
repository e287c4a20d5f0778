import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_charged_ads_stay")]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="coupon",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="orders.coupon",
            ),
        ),
        migrations.AlterField(  # another choice: nothing changes in the database
            model_name="refund",
            name="status",
            field=models.CharField(
                choices=[
                    ("asked", "환불 중"),
                    ("done", "환불 완료"),
                    ("refused", "환불 거절됨"),
                    ("by_hand", "계좌로 환불함"),
                ],
                default="asked",
                max_length=10,
            ),
        ),
    ]
