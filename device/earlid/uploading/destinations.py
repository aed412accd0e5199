"""Where segments go: every destination that the configuration names, ready to be sent to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from earlid.edge.alias import Alias
from earlid.edge.disk import RealDisk
from earlid.edge.secret_file import read_secret
from earlid.edge.sinks.credentials import authorization
from earlid.edge.sinks.folder_sink import FolderSink
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.settings import (
    UPLOAD,
    FolderSettings,
    HttpSettings,
    PutSettings,
    ReachSettings,
    S3Settings,
    SinkSettings,
    TranscribeSettings,
    WordsSettings,
    WyomingSettings,
)
from earlid.edge.sinks.sink import Reach, Sink
from earlid.edge.sinks.transcribe_sink import TranscribeSink
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.words import CommandTaker, Taker, WebhookTaker
from earlid.errors import ConfigError, Violation

if TYPE_CHECKING:
    from earlid.config import Config


def destinations(config: Config) -> tuple[Sink, ...]:
    """Every destination there is, in the order of the configuration; ConfigError where there is none."""
    RealDisk().make_folder(config.paths.upload)
    alias = Alias(config.paths.upload / "alias.json", config.privacy.alias_days, time.time)
    built = tuple(
        _Builder(each, alias, config.privacy.time_resolution_s).sink() for each in described(config)
    )
    if not built:
        raise ConfigError("nowhere to send to: set upload.url, or add a [[sinks]] table")
    return built


def described(config: Config) -> Iterator[SinkSettings]:
    """What `[upload]` and every `[[sinks]]` say; the first is an http one like any other."""
    upload = config.upload
    if upload.url:
        yield HttpSettings(
            name=UPLOAD,
            url=upload.url,
            token_file=upload.token_file,
            ca_file=upload.ca_file,
            connect_timeout_s=upload.connect_timeout_s,
            timeout_s=upload.timeout_s,
            allow_plaintext=upload.allow_plaintext,
        )
    yield from config.sinks


class _Builder:
    """Makes one destination of its settings."""

    def __init__(self, settings: SinkSettings, alias: Alias, resolution_s: int) -> None:
        self._settings, self._alias, self._resolution_s = settings, alias, resolution_s
        self._name = settings.called
        self._table = UPLOAD if self._name == UPLOAD else f"sinks.{self._name}"

    def sink(self) -> Sink:
        """The destination; ConfigError says what of its settings could never work."""
        match self._settings:
            case HttpSettings() as one:
                return HttpSink(one.url, self._reach(one), user=one.user, as_form=one.form, alias=self._alias)
            case PutSettings() as one:
                return PutSink(one.url, self._reach(one), user=one.user, alias=self._alias)
            case S3Settings() as one:
                return self._s3(one)
            case TranscribeSettings() as one:
                return TranscribeSink(
                    one.url, self._taker(one), self._reach(one), model=one.model, language=one.language
                )
            case WyomingSettings() as one:
                return self._wyoming(one)
            case FolderSettings(folder=folder) as one if folder is not None:
                return self._folder(one, folder)
        raise Violation(f"{self._table} is of no known kind")

    def _reach(self, one: ReachSettings, *, then: bool = False) -> Reach:
        """How `one` is reached, or who is told its words: there only the token is another."""
        return Reach(
            name=self._name,
            setting=self._table,
            token=self._then_secret(one) if then else self._secret(one),
            ca_file=one.ca_file,
            connect_timeout_s=one.connect_timeout_s,
            timeout_s=one.timeout_s,
            allow_plaintext=one.allow_plaintext,
            limit_bytes=one.limit_bytes,
        )

    def _secret(self, one: ReachSettings) -> str | None:
        return read_secret(one.token_file, f"{self._table}.token_file") if one.token_file else None

    def _s3(self, one: S3Settings) -> Sink:
        try:
            from earlid.edge.sinks.s3_signature import S3Signer  # noqa: PLC0415 - an extra, slow to import
        except ImportError as error:
            raise self._not_installed("s3") from error
        reach = self._reach(one)
        if reach.token is None:
            raise ConfigError(f"{self._table}.token_file: name the file with the secret key")
        sign = S3Signer(
            one.access_key, reach.token, one.region, resolution_s=self._resolution_s, now=time.time
        )
        return PutSink(one.url, reach, alias=self._alias, sign=sign)

    def _wyoming(self, one: WyomingSettings) -> Sink:
        try:
            from earlid.edge.sinks.wyoming_sink import WyomingSink  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise self._not_installed("wyoming") from error
        return WyomingSink(one.url, self._taker(one), self._reach(one), language=one.language)

    def _folder(self, one: FolderSettings, folder: Path) -> Sink:
        return FolderSink(
            folder,
            name=self._name,
            only_mounted=one.only_mounted,
            limit_bytes=one.limit_bytes,
            resolution_s=self._resolution_s,
            alias=self._alias,
            now=time.time,
        )

    def _taker(self, one: WordsSettings) -> Taker:
        """Who is told the words."""
        if one.then_command:
            return CommandTaker(one.then_command, one.timeout_s)
        reach = self._reach(one, then=True)
        if one.then_webhook:
            proof = authorization(one.then_user, reach.token)
            return WebhookTaker(one.then_webhook, Web(reach), self._table, proof, self._alias)
        if one.then_mqtt:
            return self._mqtt(one, reach)
        raise ConfigError(f"{self._table}: say where the text goes: then_command, then_mqtt or then_webhook")

    def _mqtt(self, one: WordsSettings, reach: Reach) -> Taker:
        try:
            from earlid.edge.sinks.mqtt_taker import MqttTaker  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise self._not_installed("mqtt") from error
        return MqttTaker(one.then_mqtt, reach, user=one.then_user, alias=self._alias)

    def _then_secret(self, one: ReachSettings) -> str | None:
        if not isinstance(one, WordsSettings) or one.then_token_file is None:
            return None
        return read_secret(one.then_token_file, f"{self._table}.then_token_file")

    def _not_installed(self, extra: str) -> ConfigError:
        todo = f"pip install '.[{extra}]' in the checkout"
        return ConfigError(f"{self._table}: needs what is not installed: {todo}")
