"""Serving: uvicorn on a loop of ours, the worker beside it, TLS for phones nearby."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
from pathlib import Path

import msgspec
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from litestar.types import ASGIApp
from rich.console import Console

from panel import clock
from panel.settings import Settings
from web import app as web_app
from web import worker as web_worker
from web.assets import AssetsMissing
from web.runtime import StartFault, opened

_LIFE = dt.timedelta(days=90)
DEFAULT_URL = Settings().base_url


async def serve(
    settings: Settings, console: Console, *, host: str, port: int, lan: bool, worker: bool
) -> None:
    """Serve until interrupted; with ``lan`` on all interfaces over TLS."""
    certificate: tuple[Path, Path] | None = None
    if lan:
        address = lan_address()
        host = "0.0.0.0"  # noqa: S104 - asked for: phones in this network
        settings = msgspec.structs.replace(
            settings,
            base_url=f"https://{address}:{port}",
            allowed_hosts=(*settings.allowed_hosts, address),
        )
        certificate = make_certificate(settings.key_dir, address)
    elif settings.base_url == DEFAULT_URL:
        settings = msgspec.structs.replace(settings, base_url=f"http://{host}:{port}")
    async with opened(settings) as runtime:
        try:
            litestar = web_app.create(settings, runtime.keys)
        except AssetsMissing as fault:
            raise StartFault(str(fault)) from fault
        config = configured(web_app.asgi(litestar, settings), settings, host, port, certificate)
        _announce(console, settings, lan=lan)
        await _together(uvicorn.Server(config), settings, worker=worker)


def configured(
    app: ASGIApp,
    settings: Settings,
    host: str,
    port: int,
    certificate: tuple[Path, Path] | None = None,
) -> uvicorn.Config:
    """Return how the pages are served: addresses are in no log, and forwarded by proxies only."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # addresses of members and reporters are never logged
        log_level="warning",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(settings.trusted_proxies) or None,
        server_header=False,
        ssl_certfile=str(certificate[0]) if certificate else None,
        ssl_keyfile=str(certificate[1]) if certificate else None,
        timeout_keep_alive=15,
    )


async def _together(server: uvicorn.Server, settings: Settings, *, worker: bool) -> None:
    """Run server and worker; when the server ends, the worker finishes its job and ends too."""
    stop = asyncio.Event()
    task = asyncio.create_task(web_worker.run(settings, stop)) if worker else None
    try:
        await server.serve()
    finally:
        stop.set()
        if task is not None:
            await task


def _announce(console: Console, settings: Settings, *, lan: bool) -> None:
    """Print where the service is, for phones as a QR."""
    console.print(f"\npanel serves at [b]{settings.base_url}[/b]   (stop with Ctrl+C)")
    if lan:
        import qrcode

        code = qrcode.QRCode(border=2)
        code.add_data(settings.base_url)
        code.print_ascii(invert=True)
        console.print("The certificate is our own: the phone will ask once whether to trust it.")


def lan_address() -> str:
    """Return this machine's address in its network, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def make_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """Write a fresh self-signed certificate for an address; return certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"panel {address}")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem, secret = folder / "lan.crt", folder / "lan.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret
