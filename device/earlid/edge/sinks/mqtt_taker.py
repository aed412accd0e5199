"""Words go to an MQTT broker: published once, with an acknowledgement, by a client nobody can tell again."""

from __future__ import annotations

import ssl
import time
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from earlid.edge.sinks.http_sink import Alias
from earlid.edge.sinks.places import MQTT_PORTS, fault_in_topic_url
from earlid.edge.sinks.sink import Reach
from earlid.edge.sinks.words import told
from earlid.edge.spool.kept import Kept
from earlid.errors import ConfigError, NotAllowed, TryLater

_GLANCE_S: Final = 0.05
_NOT_FOR_US: Final = frozenset({"Not authorized", "Bad user name or password"})


class MqttTaker:
    """Publishes to the topic in `mqtts://host/topic`, with the broker's acknowledgement or not at all."""

    def __init__(
        self,
        url: str,
        reach: Reach,
        *,
        user: str = "",
        alias: Alias | None = None,
    ) -> None:
        """`reach` is the broker's: its token is the password."""
        fault = fault_in_topic_url(url, allow_plaintext=reach.allow_plaintext)
        if fault is not None:
            raise ConfigError(f"{reach.setting}.then_mqtt: {fault}")
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or MQTT_PORTS[parts.scheme]
        self._topic = parts.path.lstrip("/")
        self._tls = ssl.create_default_context(cafile=str(reach.ca_file) if reach.ca_file else None)
        self._is_encrypted = parts.scheme == "mqtts"
        self._setting, self._user, self._password = reach.setting, user, reach.token
        self._connect_timeout_s, self._timeout_s, self._alias = (
            reach.connect_timeout_s,
            reach.timeout_s,
            alias,
        )

    def take(self, text: str, kept: Kept) -> None:
        """Return with the broker's acknowledgement, within the time, or raise TryLater or NotAllowed."""
        deadline = time.monotonic() + self._timeout_s
        answers: list[Any] = []
        client = self._client()
        client.on_connect = lambda *args: answers.append(args[3])
        try:
            client.connect(self._host, self._port, keepalive=max(5, round(self._timeout_s)))
            self._turn(client, deadline, lambda: bool(answers))
            self._insist_on_welcome(answers[0])
            message = client.publish(self._topic, told(text, kept, self._alias), qos=1)
            self._turn(client, deadline, message.is_published)
            client.disconnect()
        except (OSError, ValueError, RuntimeError) as error:
            raise TryLater(_cause(error)) from error
        finally:
            line = client.socket()
            if line is not None:
                line.close()

    def _client(self) -> Client:
        client = _Client(CallbackAPIVersion.VERSION2, uuid.uuid4().hex, reconnect_on_failure=False)
        client.connect_timeout = self._connect_timeout_s
        if self._is_encrypted:
            client.tls_set_context(self._tls)
        if self._user or self._password:
            client.username_pw_set(self._user, self._password)
        return client

    def _turn(self, client: Client, deadline: float, is_done: Any) -> None:
        while not is_done():
            if time.monotonic() > deadline:
                raise TryLater(f"the broker did not answer within {self._timeout_s:g} s")
            if client.loop(_GLANCE_S) is not MQTTErrorCode.MQTT_ERR_SUCCESS and not is_done():
                raise TryLater("the broker hung up")

    def _insist_on_welcome(self, reason: Any) -> None:
        if str(reason) in _NOT_FOR_US:
            raise NotAllowed(
                f"the broker does not accept our credentials: check {self._setting}.then_token_file"
            )
        if reason.is_failure:
            raise TryLater("the broker takes nobody in now")


class _Client(Client):
    """paho's own, but for a handshake that ends in time, and proxies of the environment, that have no say."""

    def _get_proxy(self) -> None:
        """None, whatever `mqtt_proxy` says."""

    def _ssl_wrap_socket(self, tcp_sock: Any) -> ssl.SSLSocket:
        tcp_sock.settimeout(self.connect_timeout)
        context = self._ssl_context or ssl.create_default_context()
        return context.wrap_socket(tcp_sock, server_hostname=self._host)


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the broker's certificate is not trusted: check ca_file"
    if isinstance(error, ConnectionRefusedError):
        return "the broker's host refuses the connection: is it running?"
    if isinstance(error, TimeoutError):
        return "the broker's host does not answer"
    return f"the broker cannot be reached ({type(error).__name__})"
