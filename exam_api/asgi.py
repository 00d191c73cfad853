"""The application as Granian loads it in each API process."""

import gc
import os

from exam_api.app import create_app
from exam_api.log import start_logging
from exam_api.serving.proxied import behind
from exam_api.settings import from_environ
from exam_api.wiring import wire

_settings = from_environ(os.environ)  # noqa: TID251 - an entry point hands the environment to the settings
start_logging(_settings)
app = behind(create_app(wire(_settings).parts), _settings.trusted_proxies)
# What is made once stays: the collector need not look at it again.
gc.collect()
gc.freeze()
# Requests leave few circles: looking for them after each 700 objects costs more than they hold.
gc.set_threshold(20_000, 20, 20)
