from chat.tests.conftest import broadcast, seller, server, visit

__all__ = ["broadcast", "seller", "server", "visit"]
