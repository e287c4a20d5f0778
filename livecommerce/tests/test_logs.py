import json
import logging.config

import structlog

from livecommerce.logs import configure_logs


def test_secrets_never_reach_the_log(capsys):
    before = structlog.get_config()
    try:
        logging.config.dictConfig(configure_logs(debug=False, level="INFO"))
        structlog.get_logger("test").info(
            "signed in",
            stream_key="live_abc",
            password="hunter2",
            member="하늘",
            request="GET /overlay/aB3-_x/",
        )
        line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    finally:
        structlog.configure(**before)
        logging.config.dictConfig(configure_logs(debug=True, level="WARNING"))
    assert line["event"] == "signed in"
    assert line["member"] == "하늘"
    assert line["request"] == "GET /overlay/[hidden]/"
    assert line["stream_key"] == line["password"] == "[hidden]"
