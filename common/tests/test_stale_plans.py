import pytest
from django.db import NotSupportedError, connection

USES = 8
"""More than settings' prepare_threshold: by then the plan is kept."""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_whose_plan_a_migration_made_useless_is_given_up(settings):
    assert connection.settings_dict["OPTIONS"]["prepare_threshold"] < USES

    def look() -> tuple[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT word FROM stale_plans WHERE word <> %s", [""])
            return cursor.fetchone()

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE stale_plans AS SELECT 'one'::varchar(5) AS word")
    try:
        for _ in range(USES):
            assert look() == ("one",)
        migration = connection.copy()  # what the same connection changes, its driver knows of
        with migration.cursor() as cursor:
            cursor.execute("ALTER TABLE stale_plans ALTER word TYPE varchar(10)")
        migration.close()
        with pytest.raises(NotSupportedError, match="cached plan"):
            look()
        assert look() == ("one",)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE stale_plans")
