/** Who has to act if no answer came: the operator (stop, exit 2) or the outside world (wait, exit 4 if it lasts). */
type Whose = 'operator' | 'world';

export interface FaultRow {
  readonly whose: Whose;
  /** What happened, as the end of a sentence: `host: …`. */
  readonly what: string;
  /** What to do about it. Every row of the operator's has one. */
  readonly fix?: string;
}

type Rows = Readonly<Record<string, FaultRow>>;

const operator = (what: string, fix: string): FaultRow => ({ whose: 'operator', what, fix });
const world = (what: string, fix?: string): FaultRow => ({
  whose: 'world',
  what,
  ...(fix !== undefined && { fix }),
});

const CHECK_CLOCK = 'renew it on the server, or correct the clock of this machine';
const SET_CA = 'set `ca_file` to the authority that signed it';
const CLIENT_CERTIFICATE = operator(
  'it requires a client certificate, which this program does not send',
  'turn off client certificates for this listener, or put a proxy that has one in front',
);
const OLD_TLS = operator(
  'it supports no version of TLS that this program accepts (1.2 or later)',
  'allow TLS 1.2 or later on the server',
);
const WEAK = operator(
  'its certificate or key exchange is too weak',
  'give the server a key of at least 2048 bits (RSA) and a SHA-256 signature',
);
const NOT_TLS = operator(
  'it does not speak TLS on this port',
  'use http:// in the URL, or the port that speaks https',
);
const BAD_CERTIFICATE = operator('its certificate is malformed', 'have the certificate reissued');
const BAD_CHAIN = operator(
  'its certificate chain is not valid for a server',
  'have the certificate reissued by an authority that is allowed to issue it',
);
const CRL = operator('its revocation list cannot be used', 'publish a current revocation list');
const HANDSHAKE = operator(
  'it refuses the TLS handshake',
  'check which TLS versions and ciphers it accepts, and whether it asks for a client certificate',
);

/** Codes from Node and the operating system. */
const SYSTEM: Rows = {
  ECONNREFUSED: world('the connection is refused', 'check that it is running and that the port is right'),
  ECONNRESET: world('the connection was reset'),
  ECONNABORTED: world('the connection was aborted'),
  EPIPE: world('the connection was closed while sending'),
  ENOTCONN: world('the connection was closed'),
  ESHUTDOWN: world('the connection was closed'),
  ETIMEDOUT: world('the connection timed out', 'check whether a firewall drops the packets'),
  ESOCKETTIMEDOUT: world('no answer in time'),
  ERR_SOCKET_CONNECTION_TIMEOUT: world(
    'the connection timed out',
    'check whether a firewall drops the packets',
  ),
  EHOSTUNREACH: world('the host cannot be reached'),
  EHOSTDOWN: world('the host is down'),
  ENETUNREACH: world('the network cannot be reached'),
  ENETDOWN: world('the network is down'),
  ENETRESET: world('the network dropped the connection'),
  ENOBUFS: world('this machine is out of network buffers'),
  ENOMEM: world('this machine is out of memory'),
  EADDRNOTAVAIL: world(
    'this machine has no free local port or address',
    'check how many connections it holds open',
  ),
  EADDRINUSE: world('this machine has no free local port', 'check how many connections it holds open'),
  EMFILE: world('this process has too many files and connections open', 'raise its limit (ulimit -n)'),
  ENFILE: world('this machine has too many files and connections open', 'raise its limit (fs.file-max)'),
  EAGAIN: world('this machine is short of resources'),
  EINTR: world('the system call was interrupted'),
  EIO: world('the connection failed'),
  // An unknown name may be a typo. But a resolver that lost its upstream, a Kubernetes service without ready endpoints
  // and a record being replaced look the same, so the run waits, while `check` reports it immediately.
  ENOTFOUND: world('the host name is not known', 'check the spelling'),
  EAI_NONAME: world('the host name is not known', 'check the spelling'),
  EAI_NODATA: world('the host name has no address', 'check the spelling'),
  EAI_AGAIN: world('the name server does not answer'),
  EAI_FAIL: world('the name server failed'),
  EAI_MEMORY: world('this machine is out of memory'),
  EAI_SYSTEM: world('the host name could not be looked up'),
  ENODATA: world('the host name has no address', 'check the spelling'),
  ESERVFAIL: world('the name server failed'),
  EREFUSED: world('the name server refuses'),
  EACCES: operator(
    'this machine forbids the connection',
    'allow it in its firewall, SELinux or sandbox rules',
  ),
  EPERM: operator(
    'this machine forbids the connection',
    'allow it in its firewall, SELinux or sandbox rules',
  ),
  EAFNOSUPPORT: operator(
    'this machine does not support the protocol of the address',
    'use a name or address of the other family (IPv4, IPv6)',
  ),
  EINVAL: operator('the address is not valid', 'correct the host and port of the URL'),
  ERR_INVALID_URL: operator('the URL is not valid', 'correct it'),
  ERR_SOCKET_BAD_PORT: operator('the port is not valid', 'correct it: 1 to 65535'),
  ERR_INVALID_CHAR: operator(
    'a credential or header contains a character that HTTP does not allow',
    'look for line breaks, spaces and a byte order mark in the token, key or password',
  ),
  ERR_UNESCAPED_CHARACTERS: operator(
    'the URL contains characters that must be escaped',
    'escape them as %XX',
  ),
};

/** Codes of the TLS handshake: Node's words, and OpenSSL's for certificates. */
const CERTIFICATES: Rows = {
  DEPTH_ZERO_SELF_SIGNED_CERT: operator('its certificate is self-signed and not trusted', SET_CA),
  SELF_SIGNED_CERT_IN_CHAIN: operator('its certificate is not trusted', SET_CA),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: operator('its certificate is not trusted', SET_CA),
  UNABLE_TO_GET_ISSUER_CERT: operator('its certificate is not trusted', SET_CA),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: operator('its certificate is not trusted', SET_CA),
  CERT_UNTRUSTED: operator('its certificate is not trusted', SET_CA),
  CERT_SIGNATURE_FAILURE: operator(
    'its certificate was not signed by the authority it names',
    'have it reissued, or set `ca_file` to the current authority',
  ),
  CERT_HAS_EXPIRED: operator('its certificate has expired', CHECK_CLOCK),
  CERT_NOT_YET_VALID: operator(
    'its certificate is not yet valid',
    'correct the clock of this machine, or have the certificate reissued',
  ),
  CERT_REVOKED: operator('its certificate is revoked', 'give the server a new one'),
  CERT_REJECTED: BAD_CHAIN,
  CERT_CHAIN_TOO_LONG: BAD_CHAIN,
  INVALID_CA: BAD_CHAIN,
  INVALID_PURPOSE: BAD_CHAIN,
  PATH_LENGTH_EXCEEDED: BAD_CHAIN,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: BAD_CERTIFICATE,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: BAD_CERTIFICATE,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: BAD_CERTIFICATE,
  ERROR_IN_CERT_NOT_AFTER_FIELD: BAD_CERTIFICATE,
  UNABLE_TO_GET_CRL: CRL,
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: CRL,
  CRL_SIGNATURE_FAILURE: CRL,
  CRL_NOT_YET_VALID: CRL,
  CRL_HAS_EXPIRED: CRL,
  ERROR_IN_CRL_LAST_UPDATE_FIELD: CRL,
  ERROR_IN_CRL_NEXT_UPDATE_FIELD: CRL,
  HOSTNAME_MISMATCH: operator(
    'its certificate is for another host',
    'use a name in the URL that the certificate covers',
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: operator(
    'its certificate is for another host',
    'use a name in the URL that the certificate covers',
  ),
  ERR_TLS_CERT_ALTNAME_FORMAT: BAD_CERTIFICATE,
  ERR_TLS_DH_PARAM_SIZE: WEAK,
  ERR_TLS_INVALID_PROTOCOL_VERSION: OLD_TLS,
  ERR_TLS_PROTOCOL_VERSION_CONFLICT: OLD_TLS,
  ERR_TLS_HANDSHAKE_TIMEOUT: world('the TLS handshake timed out'),
  ERR_TLS_SESSION_ATTACK: world('it renegotiates TLS too often'),
};

/** OpenSSL's codes on an open connection. Alerts, whose names differ between versions, are all `TLS_ALERT_…` here. */
const TLS: Rows = {
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
  ERR_SSL_RECORD_TOO_LARGE: NOT_TLS,
  ERR_SSL_HTTP_REQUEST: NOT_TLS,
  ERR_SSL_UNKNOWN_PROTOCOL: NOT_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD_TLS,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: OLD_TLS,
  ERR_SSL_VERSION_TOO_LOW: OLD_TLS,
  ERR_SSL_NO_CIPHERS_AVAILABLE: HANDSHAKE,
  ERR_SSL_NO_SHARED_CIPHER: HANDSHAKE,
  ERR_SSL_WRONG_CIPHER_RETURNED: HANDSHAKE,
  ERR_SSL_WRONG_SIGNATURE_TYPE: WEAK,
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: operator(
    'it supports only the unsafe renegotiation of old TLS',
    'update its TLS library, or that of the proxy in between',
  ),
  ERR_SSL_DH_KEY_TOO_SMALL: WEAK,
  ERR_SSL_EE_KEY_TOO_SMALL: WEAK,
  ERR_SSL_CA_KEY_TOO_SMALL: WEAK,
  ERR_SSL_CA_MD_TOO_WEAK: WEAK,
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: operator(
    'it does not know the host name',
    'use a name in the URL that it serves',
  ),
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: world('the TLS connection was cut off'),
  ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: world('the TLS connection was corrupted in transit'),
  ERR_SSL_BAD_RECORD_TYPE: world('the TLS connection was corrupted in transit'),
  TLS_ALERT_CERTIFICATE_REQUIRED: CLIENT_CERTIFICATE,
  TLS_ALERT_NO_CERTIFICATE: CLIENT_CERTIFICATE,
  TLS_ALERT_BAD_CERTIFICATE: CLIENT_CERTIFICATE,
  TLS_ALERT_UNSUPPORTED_CERTIFICATE: CLIENT_CERTIFICATE,
  TLS_ALERT_CERTIFICATE_REVOKED: CLIENT_CERTIFICATE,
  TLS_ALERT_CERTIFICATE_EXPIRED: CLIENT_CERTIFICATE,
  TLS_ALERT_CERTIFICATE_UNKNOWN: CLIENT_CERTIFICATE,
  TLS_ALERT_UNKNOWN_CA: CLIENT_CERTIFICATE,
  TLS_ALERT_ACCESS_DENIED: CLIENT_CERTIFICATE,
  TLS_ALERT_HANDSHAKE_FAILURE: HANDSHAKE,
  TLS_ALERT_ILLEGAL_PARAMETER: HANDSHAKE,
  TLS_ALERT_NO_APPLICATION_PROTOCOL: HANDSHAKE,
  TLS_ALERT_UNSUPPORTED_EXTENSION: HANDSHAKE,
  TLS_ALERT_MISSING_EXTENSION: HANDSHAKE,
  TLS_ALERT_INSUFFICIENT_SECURITY: WEAK,
  TLS_ALERT_PROTOCOL_VERSION: OLD_TLS,
  TLS_ALERT_INAPPROPRIATE_FALLBACK: OLD_TLS,
  TLS_ALERT_UNRECOGNIZED_NAME: operator(
    'it does not know the host name',
    'use a name in the URL that it serves',
  ),
  TLS_ALERT_INTERNAL_ERROR: world('its TLS failed'),
  TLS_ALERT_UNEXPECTED_MESSAGE: world('the TLS connection was corrupted in transit'),
  TLS_ALERT_BAD_RECORD_MAC: world('the TLS connection was corrupted in transit'),
  TLS_ALERT_DECODE_ERROR: world('the TLS connection was corrupted in transit'),
  TLS_ALERT_DECRYPT_ERROR: world('the TLS connection was corrupted in transit'),
  TLS_ALERT_USER_CANCELLED: world('it canceled the TLS connection'),
};

const GARBAGE = world('the answer is not HTTP', 'check the port');

/** Codes from the response parser, and for abandoned requests. */
const HTTP: Rows = {
  HPE_INVALID_CONSTANT: GARBAGE,
  HPE_INVALID_VERSION: GARBAGE,
  HPE_INVALID_STATUS: GARBAGE,
  HPE_INVALID_HEADER_TOKEN: GARBAGE,
  HPE_CR_EXPECTED: GARBAGE,
  HPE_LF_EXPECTED: GARBAGE,
  HPE_INVALID_CONTENT_LENGTH: GARBAGE,
  HPE_UNEXPECTED_CONTENT_LENGTH: GARBAGE,
  HPE_INVALID_TRANSFER_ENCODING: GARBAGE,
  HPE_INVALID_CHUNK_SIZE: world('the answer was truncated or corrupted'),
  HPE_INVALID_EOF_STATE: world('the answer was truncated'),
  HPE_CLOSED_CONNECTION: world('data came after the end of the answer'),
  HPE_HEADER_OVERFLOW: world('the header of the answer is too long', 'check whether a proxy is in between'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: world('the answer uses a form of HTTP that is not accepted'),
  ERR_STREAM_PREMATURE_CLOSE: world('the answer was truncated'),
  ERR_STREAM_DESTROYED: world('the connection was closed while sending'),
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: world('the answer was truncated'),
  ERR_HTTP_SOCKET_ASSIGNED: world('the connection was closed'),
  UND_ERR_CONNECT_TIMEOUT: world('the connection timed out', 'check whether a firewall drops the packets'),
  UND_ERR_HEADERS_TIMEOUT: world('no answer in time'),
  UND_ERR_BODY_TIMEOUT: world('the answer stopped halfway'),
  UND_ERR_SOCKET: world('the connection was closed'),
  UND_ERR_CLOSED: world('the connection was closed'),
  UND_ERR_DESTROYED: world('the connection was closed'),
  UND_ERR_HEADERS_OVERFLOW: world(
    'the header of the answer is too long',
    'check whether a proxy is in between',
  ),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: world('the answer was truncated'),
  UND_ERR_RES_EXCEEDED_MAX_SIZE: world('the answer is too long'),
};

/** This program's own codes, for what it detects itself. */
const OURS: Rows = {
  TLS_PORT: operator('it speaks TLS on this port', 'use https:// in the URL'),
  REPLY_TIMEOUT: world('no complete answer in time'),
  REPLY_TOO_LONG: world('the answer is too long'),
  PROXY_AUTH: operator(
    'the proxy requires credentials, or rejects those it was given',
    'put user:password@ before the host in the URL of the proxy variable',
  ),
  PROXY_FORBIDS: operator(
    'the proxy does not allow this connection',
    'allow the host and port in the proxy, or add the host to NO_PROXY',
  ),
  PROXY_INVALID: operator(
    'the proxy variable does not contain the URL of a proxy that this program can use',
    'use http://, https:// or socks5:// with host and port',
  ),
  PROXY_UNAVAILABLE: world('the proxy cannot reach it'),
};

/** Every known code of a failed connection, and what it means for a run. */
export const FAULTS: Rows = { ...SYSTEM, ...CERTIFICATES, ...TLS, ...HTTP, ...OURS };

/** Codes that are not in the table but clearly come from the network, so the run waits. */
export const FAMILY = /^(?:ERR_SSL_|ERR_TLS_|TLS_ALERT_|HPE_|UND_ERR_|EAI_)/;
