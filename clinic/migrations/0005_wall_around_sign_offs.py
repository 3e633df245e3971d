"""A signature is whose the contraindication is that it stands under."""

from django.db import migrations

from accounts.wall import hanging_on_shared, raised


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0004_wall_of_erasure_requests"),
        ("stretches", "0013_sign_offs_by_name"),
    ]
    operations = [raised(hanging_on_shared("stretches_signoff", "contraindication_id", "stretches_contraindication"))]
