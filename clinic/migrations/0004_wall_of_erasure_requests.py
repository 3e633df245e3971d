"""A request to erase belongs to one clinic."""

from django.db import migrations

from accounts.wall import own, raised


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_erasures")]
    operations = [raised(own("clinic_erasurerequest"))]
