import accessplane.lib.identifiers
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='SamlAssertion',
            fields=[
                ('id', models.UUIDField(default=accessplane.lib.identifiers.new_id, editable=False, primary_key=True, serialize=False)),
                ('assertion_id', models.CharField(max_length=191)),
                ('request_id', models.CharField(max_length=191)),
                ('uid', models.CharField(max_length=191)),
                ('said', models.JSONField(null=True)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('connector', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.connector')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connector', 'assertion_id'), name='an_assertion_is_believed_once'), models.UniqueConstraint(fields=('connector', 'request_id'), name='a_request_is_answered_once')],
            },
        ),
    ]
