"""Raise the second wall on what patients ask to have erased (PostgreSQL)."""

from django.db import migrations

from accounts.wall import own, raised


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_erasures")]
    operations = [raised(own("clinic_erasurerequest"))]
