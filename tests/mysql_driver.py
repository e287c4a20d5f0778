"""The driver for MySQL and MariaDB where mysqlclient, which needs a compiler, is not installed."""

import importlib.util


def have_mysql_driver() -> None:
    """Let PyMySQL answer for MySQLdb unless the real one is there. Call it before Django is set up."""
    if importlib.util.find_spec("MySQLdb") is None:
        import pymysql

        pymysql.install_as_MySQLdb()
