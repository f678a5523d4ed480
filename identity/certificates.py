"""Pure: certificates in documents, as PEM."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import load_pem_x509_certificate

_BEGIN = "-----BEGIN CERTIFICATE-----"
_SHORTEST_RSA = 2048


def check(certificates: Iterable[str], *, only_rsa: bool = False) -> None:
    """Refuse (ValueError) what is not one certificate in each text, or has a key that is too weak.

    Whether it has expired is not asked: it is trusted because a document names it.
    """
    for text in certificates:
        if text.count(_BEGIN) != 1:
            raise ValueError(f"a certificate is one PEM text that begins with {_BEGIN}")
        try:
            key = load_pem_x509_certificate(text.encode()).public_key()
        except ValueError as error:
            raise ValueError("a certificate cannot be read") from error
        is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SHORTEST_RSA
        if not is_rsa and (only_rsa or not isinstance(key, ec.EllipticCurvePublicKey)):
            raise ValueError(f"a certificate has an RSA key of {_SHORTEST_RSA} bits or more")
