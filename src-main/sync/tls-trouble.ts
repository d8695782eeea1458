/** What an operator is told to do, as it is done for the server in question. */
export type TlsAdvice = {
  /** The server, as in "the certificate of …". */
  server: string;
  /** How the authority of its certificate is named. */
  authority: string;
  /** How a client certificate is given. */
  client: string;
  /** Where it does not speak TLS. */
  plain: string;
};

/** Why a TLS connection was not made, by what Node and OpenSSL report, in words; null where TLS did not hinder it. */
export function tlsTrouble(error: unknown, advice: TlsAdvice): string | null {
  if (!(error instanceof Error)) return null;
  const { server, authority, client, plain } = advice;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const said = `${code} ${error.message}`;
  if (code === "CERT_HAS_EXPIRED")
    return `The certificate of ${server} has expired. It has to be renewed there.`;
  if (code === "CERT_NOT_YET_VALID")
    return `The certificate of ${server} is not valid yet. Look at the clocks of both machines.`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `The certificate of ${server} is for another name. Connect by a name that is in the certificate.`;
  if (/^(SELF_SIGNED|DEPTH_ZERO_SELF|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_(SIGNATURE|UNTRUSTED))/.test(code))
    return `The certificate of ${server} is signed by an authority that is not known here. ${authority}`;
  // Node tells of this one as EPROTO, too.
  if (/wrong.version.number|packet.length.too.long|record.layer.failure|not support SSL/i.test(said))
    return `What answers for ${server} does not speak TLS. ${plain}`;
  if (/alert.*(certificate.required|handshake.failure)/i.test(said))
    return `The client certificate is missing that ${server} wants, or is not taken. ${client}`;
  if (/alert.*(unknown.ca|bad.certificate|certificate.(expired|revoked|unknown))/i.test(said))
    return `The client certificate is not taken by ${server}: it is expired, revoked, or of an authority that is not known there.`;
  if (code === "EPROTO" || /^ERR_(OSSL|SSL|TLS)/.test(code))
    return `TLS with ${server} does not come about: ${error.message}.`;
  return null;
}
