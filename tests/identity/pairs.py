"""Keys with their certificates, made once for all tests of a process."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    """A key and its certificate, as PEM."""

    key: str
    certificate: str


@cache
def pair(name: str = "idp", bits: int = 2048) -> Pair:
    """The pair of this name, the same each time; with 256 bits it is one of a curve."""
    small = bits == 256
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if small
        else rsa.generate_private_key(65537, bits)
    )
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(
        who, who, key.public_key(), 1, made, made + timedelta(days=1)
    )
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(written.decode(), certificate.public_bytes(pem).decode())
